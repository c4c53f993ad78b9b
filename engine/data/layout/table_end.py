"""What stands below a table, and is none of its rows: sums and means of them, and footnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.cells import is_count, is_missing, measured, number, visible
from engine.data.layout.csv_sample import COMMENTS
from engine.data.row_parser import OpenQuoteError, RowParser, is_blank

TOTALS = frozenset(
    ("total", "totals", "grand total", "sum", "sums", "overall", "gesamt", "gesamtsumme", "summe",
     "insgesamt", "somme", "total général", "total general", "totale", "totaal", "suma", "summa",
     "итого", "всего", "合计", "总计", "合計", "総計")
)  # fmt: skip
"""What a row is called that adds the others up, in lower case."""
_STATISTICS = frozenset(
    ("mean", "means", "average", "averages", "avg", "median", "std", "stddev", "std dev", "std_dev",
     "stdev", "std deviation", "standard deviation", "variance", "minimum", "maximum", "count",
     "mittelwert", "durchschnitt", "moyenne", "promedio", "среднее", "平均")
)  # fmt: skip
_ONLY_BESIDE = frozenset(
    ("min", "max", "n", "sd", "s.d", "var", "cv", "sem", "range", "q1", "q3", "25%", "50%", "75%")
)
"""Names of statistics that may be names of anything, unless they stand beside others."""
_NOTE = re.compile(
    r"\W*©|\W*(sources?|notes?|footnotes?|data from|last updated?|updated|quellen?|anmerkung(en)?"
    r"|stand|hinweis|fuente|nota|généré|generated|exported|copyright)\b.*[:©(]"
    r"|[(\[]?\d+ rows?\b",
    re.IGNORECASE,
)
"""How lines begin that tell something of a table."""
_COUNT = re.compile(
    r"\(?\d+ rows? (selected|affected|returned|fetched|retrieved|in set)\b.*", re.IGNORECASE
)
"""How programs of SQL say at the end how many rows there were."""
_END_OF_COPY = "\\."
"""The last line of what PostgreSQL copies."""
_MARKS = ("*", "†", "‡", "§", "¹", "²", "³", "[", "(")
"""How lines of footnotes begin."""

_FIRST = 2
"""Columns in which rows have their names."""
_DRAWN = frozenset("_-=~–—")


@dataclass(frozen=True, slots=True)
class TableEnd:
    """Where a table ends in lines of which the last may be none of its rows."""

    count: int
    """How many of the lines are the table's."""
    notes: tuple[str, ...] = ()
    """What was left out below, a line each."""


def table_end(lines: Sequence[str], delimiter: str, width: int, first: int) -> TableEnd:
    """Look for the end of the table in its last lines; `first` is the number of the first one."""
    count, notes = len(lines), []
    while count > 1:
        line = lines[count - 1]
        cells = _cells(line, delimiter)
        if cells is None:
            break
        if not is_blank(cells):
            if not _is_footnote(line, lines[count - 2], delimiter, width):
                break
            notes.append(f"line {first + count - 1:,} left out, below the table: {_shown(line)}")
        count -= 1
    end = TableEnd(count if notes else len(lines), tuple(reversed(notes)))
    sums = _first_sum(lines[: end.count], delimiter)
    if sums == end.count:
        return end
    said = (
        f"line {first + at:,} left out, since it sums up others: {_shown(lines[at])}"
        for at in range(sums, end.count)
        if lines[at].strip()
    )
    return TableEnd(sums, (*said, *end.notes))


def _first_sum(lines: Sequence[str], delimiter: str) -> int:
    """The place of the first of the sums and means that the last lines are, or their number."""
    count, labels = len(lines), []
    while count:
        cells = _cells(lines[count - 1], delimiter)
        above = _cells(lines[count - 2], delimiter) if count > 1 else []
        label = _label(cells, above or []) if cells else ""
        if cells is None or not (is_blank(cells) or _is_sum(label, cells)):
            break
        labels += [label] if label else []
        count -= 1
    return count if labels and _sum_up(labels, lines[:count], delimiter) else len(lines)


def _is_sum(label: str, cells: Sequence[str]) -> bool:
    return label in TOTALS | _STATISTICS | _ONLY_BESIDE and any(map(measured, cells))


def _sum_up(labels: Sequence[str], above: Sequence[str], delimiter: str) -> bool:
    """Whether rows of these names are sums and means, and no values of a column."""
    if len(set(labels)) < len(labels) or set(labels) <= _ONLY_BESIDE:
        return False
    rows = (_cells(line, delimiter) or [] for line in above)
    return not any(_named(cell) in labels for cells in rows for cell in cells[:_FIRST])


def _label(cells: Sequence[str], above: Sequence[str]) -> str:
    """What a row is called, in lower case: the first cell that is not empty, nor counts rows."""
    held = [cell.strip() for cell in cells if cell.strip()]
    before = above[0].strip() if above else ""
    if len(held) > 1 and is_count(held[0]) and is_count(before):
        return _named(held[int(int(held[0]) == int(before) + 1)])
    return _named(held[0]) if held else ""


def _named(cell: str) -> str:
    return cell.strip(" \t:.*_").casefold()


def _cells(line: str, delimiter: str) -> list[str] | None:
    """The cells of a line; none of an empty one; None where a quoted cell goes on in others."""
    try:
        rows = list(RowParser([line], delimiter))
    except OpenQuoteError:
        return None
    return rows[0][1] if rows else []


def _is_footnote(line: str, above: str, delimiter: str, width: int) -> bool:
    """Whether a line, which is not empty, tells something of the table above it."""
    cells = _cells(line, delimiter) or []
    held = [cell for cell in cells if cell.strip()]
    if len(held) == 1 and set(held[0].strip()) <= _DRAWN and not is_missing(held[0]):
        return True  # a line drawn below the table
    if line.lstrip().startswith(COMMENTS):
        return False
    if _COUNT.match(line) or line.strip() == _END_OF_COPY:
        return True
    numbers = any(map(measured, held))
    if _NOTE.match(line):
        one_of_many = numbers and len(cells) == width and _NOTE.match(above)
        return number(held[0]) is None and not one_of_many
    if width < 2 or numbers:
        return False
    apart = is_blank(_cells(above, delimiter) or [])
    if delimiter == " ":
        return apart or (len(cells) != width and _is_sentence(line))
    if len(held) > 1 or not cells[0].strip():
        return False
    return apart or (len(cells) < width and _is_sentence(line))


def _is_sentence(line: str) -> bool:
    """Whether a line is one to its end, and more than a word: else it may be part of a row."""
    *more, last = line.split()
    whole = line.endswith(("\n", "\r")) and measured(last) is None
    return whole and (bool(more) or last.startswith(_MARKS))


def _shown(line: str) -> str:
    return visible(" ".join(line.split()))
