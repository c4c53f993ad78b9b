"""How a text file of columns is laid out: what stands above the table, delimiter, header, names.

Found by the first lines alone; what was chosen is said in notes, and can be chosen otherwise.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.data.cells import listed, visible
from engine.data.column_kinds import Column, is_index, kind, named
from engine.data.csv_sample import DELIMITERS, Sample, comments_of, turned
from engine.data.decimal_mark import decimal_mark
from engine.data.row_parser import Row, is_blank
from engine.data.source import TableError
from engine.data.stand_ins import standing_in
from engine.data.table_head import Asked, comment_names, header_of, without_title, without_units

_APART = "the first column has no name: are decimal commas between the commas?"
_SEP = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a file, as found at its beginning."""

    delimiter: str
    decimal: str
    """`.` or `,`."""
    unsettled: bool
    """Whether no cell has shown which: further below one may."""
    columns: tuple[Column, ...]
    header: bool
    """Whether the first row holds the names."""
    first: int
    """How many lines stand above the first row of data."""
    comment: str = ""
    """What lines between the rows begin with that are left out; empty: nothing."""
    comments: int = 0
    """How many of the lines above are comments."""
    notes: tuple[str, ...] = ()
    """What was chosen or left out, a line each."""


def layout(lines: Sequence[str], asked: Asked, name: str, *, whole: bool = True) -> Layout:
    """The layout of a file by its first lines, or by all where they are `whole`.

    Unless it is known, a row is a header where it holds no number, or text above a column of
    numbers. Raises TableError, with the file's `name`.
    """
    above = min(asked.skip_rows, len(lines))
    while above < len(lines) and not lines[above].strip():
        above += 1
    delimiters = DELIMITERS
    if above < len(lines) and (sep := _SEP.fullmatch(lines[above])):
        above, delimiters = above + 1, sep[1]
    rest = lines[above:]
    _refuse_arff(lines, above, name)
    comment, heads = comments_of(rest)
    samples = [Sample(rest, one, above, comment) for one in delimiters]
    _refuse_nothing(samples, rest, name)
    sample = max(samples, key=lambda one: one.score)
    open_ = sample.open or next((one.open for one in samples if one.open), None)
    if whole and open_ and (sample.open or sample.width < 2):
        raise TableError(f"{name}:{open_.line}: {open_.problem}")
    notes = [] if asked.skip_rows else without_title(sample)
    names = None if asked.header is False else comment_names(sample, heads)
    if names and heads.pop().startswith("#"):
        notes.append("the names stand in a comment")
    found = _laid_out(sample, names or header_of(sample, asked), asked)
    return replace(found, comments=len(heads), notes=(*notes, *found.notes))


def _refuse_arff(lines: Sequence[str], above: int, name: str) -> None:
    words = (line.split(None, 1)[0].lower() if line.strip() else "" for line in lines[above:])
    if "@relation" in words:
        head = next((i for i, line in enumerate(lines, 1) if line.strip().lower() == "@data"), 0)
        raise TableError(f"{name} is an ARFF file: --skip-rows {head} leaves out what is above")


def _refuse_nothing(samples: Sequence[Sample], lines: Sequence[str], name: str) -> None:
    if any(one.rows for one in samples):
        return
    problem = "is empty"
    if any(line.strip() for line in lines):
        long = any(len(line) > csv.field_size_limit() for line in lines)
        limit = f"{csv.field_size_limit():,}"
        problem = f"holds a cell longer than {limit} characters" if long else "has only comments"
    raise TableError(f"{name} {problem}")


def _laid_out(sample: Sample, header: list[str] | None, asked: Asked) -> Layout:
    rows = sample.rows
    width, names = sample.width, header
    numbered = False
    if header is not None:
        cells = [row for _, row in rows]
        numbered = len(header) == width - 1 and bool(rows) and not _ends_blank(cells, width)
        names = ["", *header] if numbered else header
        if rows and len(names) > width and is_blank(names[width:]):
            names = names[:width]
        width = len(names)
    notes = [_APART] if numbered and sample.delimiter == "," and _all_whole(rows) else []
    cells_of = turned([row for _, row in rows], width)
    mark = decimal_mark(cells_of, sample.delimiter, asked.decimal)
    marked = any("." in cell or "," in cell for column in cells_of for cell in column)
    if header is not None:
        notes += without_units(rows, width, mark.decimal, asked.missing)
    cells_of = turned([row for _, row in rows], width) or [[]] * width
    cells_of += [[]] * (width - len(cells_of))
    kinds = [kind(column, mark.decimal, asked.missing) for column in cells_of]
    columns = named(names, kinds)
    if numbered or (names is not None and is_index(columns[0].title, cells_of[0])):
        columns = (replace(columns[0], index=True), *columns[1:])
    instead = standing_in(columns, cells_of, mark.decimal, asked.missing)
    return Layout(
        delimiter=sample.delimiter,
        decimal=mark.decimal,
        unsettled=sample.delimiter == ";" and not (asked.decimal or marked),
        columns=columns,
        header=header is not None,
        first=rows[0][0] - 1 if rows else sample.end,
        comment=sample.comment,
        notes=tuple(filter(None, [*notes, mark.said, *_said(columns, names), *instead])),
    )


def _all_whole(rows: Sequence[Row]) -> bool:
    return all(cell.strip().isdecimal() for _, cells in rows for cell in cells)


def _ends_blank(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether rows end with a delimiter, behind which nothing stands."""
    return all(not row[-1].strip() for row in rows if len(row) == width)


def _said(columns: Sequence[Column], names: Sequence[str] | None) -> Iterator[str]:
    """What was found out about the columns, a line each."""
    if names is None:
        yield "no row of names: the columns are numbered"
    if columns[0].index:
        does = "numbers" if columns[0].kind.numeric else "names"
        yield f"{columns[0].name} only {does} the rows"
    used = [one for one in columns if not one.index]
    if units := [f"{one.name} ({visible(one.kind.unit, 16)})" for one in used if one.kind.unit]:
        yield f"units: {listed(units)}"
    if truths := [one.name for one in used if one.kind.truth]:
        yield f"true is 1 and false 0 in {listed(truths)}"
    twice = [one.name for one in used if one.title and visible(one.title) != one.name]
    if twice:
        yield f"names that look alike are numbered: {listed(twice)}"
    if mixed := [one.name for one in used if one.kind.what == "numbers and text"]:
        yield f"numbers and text stand in {listed(mixed)}"
    if dates := [one.name for one in used if one.kind.what == "dates"]:
        yield f"dates are no numbers: {listed(dates)}"
