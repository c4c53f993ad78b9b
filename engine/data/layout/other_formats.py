"""Texts of numbers that are no tables, called by their names, with what makes tables of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from engine.data.cells import measured
from engine.data.file_kind import LATEX
from engine.data.layout.csv_sample import Sample
from engine.data.source import TableError

_LOOKED_AT = 20
"""Lines, all of which must be of a format that no first line names."""
_PAIR = re.compile(r"\d+:([-+.\deE]+)")
_LIBSVM = re.compile(r"\s*[-+.\deE]+(\s+qid:\d+)?(\s+\d+:[-+.\deE]+)*\s*(#.*)?")
_VOWPAL = re.compile(r"\s*[-+.\deE]+[^|]*\|\w* .*:[-+.\deE]+.*")
_NIST = re.compile(r"\s*Data\s+\(lines\s+(\d+)\s+to\s+(\d+)\)\s*", re.IGNORECASE)
_NIST_HEAD = 12
"""Lines of a file of NIST's in which it says where its data are."""
_SQL = re.compile(r"\s*(insert\s+into|create\s+table|copy\s+\S+.*\sfrom\s+stdin)\b", re.IGNORECASE)
_END_OF_ROW = re.compile(r".*&.*\\\\\s*(\[.*\]\s*)?(\\\w+\s*)*(%.*)?\s*")
_OF_YAML = re.compile(
    r"\s*(?P<key>(- +)*[^\W\d][\w .-]*:)(\s+(\[.*\]|\{.*\}|[^\s,;]*|[^\d]*))?\s*"
    r"|\s*-( (\S+|\[.*\]))?\s*|---.*|\.\.\."
)
"""A line of it, in which at most one number stands: else it may be a row of a table."""
_LINES_A_ROW = 2
_ROWS = 2
"""Rows over two lines each that are more than chance."""


def refuse_other_formats(lines: Sequence[str], above: int, name: str) -> None:
    """Raise TableError where the lines, with so many left out above, are of another format."""
    found = _arff(lines, above) or _nist(lines) or _matrix_market(lines) or _marked_up(lines)
    if found is None:
        bare = [line.strip() for line in lines if line.strip() and line[0] != "#"]
        found = _by_all(bare[:_LOOKED_AT])
    if found is not None:
        raise TableError(f"{name} is {found.format(name=name)}")


def refuse_two_lines_a_row(sample: Sample, name: str) -> None:
    """Raise TableError where every row of numbers apart by spaces goes over two lines."""
    rows = [(at, cells) for at, cells in sample.rows if all(map(measured, cells))]
    widths = [len(cells) for _, cells in rows]
    pairs = list(zip(widths[::2], widths[1::2], strict=False))
    apart = any(after - before > 1 for (before, _), (after, _) in pairwise(rows))
    long, short = pairs[0] if pairs else (0, 0)
    if len(pairs) < _ROWS or set(pairs) != {(long, short)} or long == short or apart:
        return
    first = rows[0][0]
    lines = f"tail -n +{first} {name}" if first > 1 else f"cat {name}"
    raise TableError(
        f"{name} has rows of {_LINES_A_ROW} lines, with {long} and {short} numbers: "
        f"{lines} | paste -d ' ' - - | linreg-tui train --data -"
    )


def _arff(lines: Sequence[str], above: int) -> str | None:
    words = (line.split(None, 1)[0].lower() if line.strip() else "" for line in lines)
    if "@relation" not in words:
        return None
    head = next(
        (i for i, line in enumerate(lines, above + 1) if line.strip().lower() == "@data"), 0
    )
    return f"an ARFF file: --skip-rows {head} leaves out what is above"


def _nist(lines: Sequence[str]) -> str | None:
    head = lines[:_NIST_HEAD]
    for line in head:
        if found := _NIST.fullmatch(line):
            above = f"of NIST's reference datasets: --skip-rows {int(found[1]) - 1}"
            regression = any("regression" in one.lower() for one in head)
            return f"{above} --target column1, since y stands first" if regression else above
    return None


def _matrix_market(lines: Sequence[str]) -> str | None:
    if lines and lines[0].lower().startswith("%%matrixmarket"):
        return 'in Matrix Market format: scipy.io.mmread("{name}") reads it, np.savetxt writes CSV'
    return None


def _marked_up(lines: Sequence[str]) -> str | None:
    """A format of rows that are statements, or have more around their cells than delimiters."""
    rows = [line for line in lines if "&" in line]
    if len(rows) >= _ROWS and all(map(_END_OF_ROW.fullmatch, rows)):
        return f"LaTeX: {LATEX}"
    if any(map(_SQL.match, lines[:_LOOKED_AT])):
        return "SQL: only a table that is exported as CSV can be read"
    bare = [line.rstrip() for line in lines if line.strip() and line.lstrip()[0] != "#"]
    matches = [_OF_YAML.fullmatch(line) for line in bare]
    if len(bare) >= _ROWS and all(matches) and any(found and found["key"] for found in matches):
        return "YAML, or keys and values: only numbers in columns can be read"
    return None


def _by_all(lines: Sequence[str]) -> str | None:
    """A format that all of the lines have."""
    if not lines:
        return None
    with_pairs = sum(":" in line for line in lines)
    if 2 * with_pairs > len(lines) and all(map(_LIBSVM.fullmatch, lines)) and not _are_times(lines):
        return (
            'a LIBSVM file: x, y = sklearn.datasets.load_svmlight_file("{name}") reads it, '
            'np.savetxt("data.csv", np.c_[x.toarray(), y], delimiter=",") makes a CSV file'
        )
    if all(map(_VOWPAL.fullmatch, lines)):
        return "a file for Vowpal Wabbit: only numbers in columns can be read"
    return None


def _are_times(lines: Sequence[str]) -> bool:
    """Whether what stands behind the colons are minutes, or seconds."""
    behind = [found[1] for line in lines for found in _PAIR.finditer(line)]
    return all(len(digits) == len("00") and digits.isdecimal() for digits in behind)
