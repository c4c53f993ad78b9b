"""How a text file of columns is laid out: what stands above the table, delimiter, header, names.

Found by the first lines alone; what was chosen is said in notes, and can be chosen otherwise.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from engine.data.cells import measured
from engine.data.column_kinds import (
    EUROSTAT,
    Column,
    are_apart,
    is_empty,
    kind,
    named,
)
from engine.data.layout.csv_sample import (
    DELIMITERS,
    Sample,
    comments_of,
    likeliest,
    occurring,
    turned,
)
from engine.data.layout.decimal_mark import decimal_mark
from engine.data.layout.index_columns import with_indices
from engine.data.layout.layout_notes import said_of_cells, said_of_columns
from engine.data.layout.other_formats import refuse_other_formats, refuse_two_lines_a_row
from engine.data.layout.preamble import without_preamble
from engine.data.layout.stand_ins import standing_in
from engine.data.layout.table_end import table_end
from engine.data.layout.table_head import comment_names, header_of, without_units
from engine.data.row_parser import Row, is_blank
from engine.data.source import TableError
from engine.data.table_wish import TableWish

_APART = "the first column has no name: are decimal commas between the commas?"
_SPACED = "the first column has no name: do spaces stand between thousands?"
_THOUSAND = 3
"""Digits of a thousand."""
_HEADER_AND_ROW = 2
"""Rows that there must be."""
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
    skipped: int = 0
    """How many of them were left out as asked, before all else."""
    comment: str = ""
    """What lines between the rows begin with that are left out; empty: nothing."""
    comments: int = 0
    """How many of the lines above are comments."""
    notes: tuple[str, ...] = ()
    """What was chosen or left out, a line each."""


def layout(lines: Sequence[str], wish: TableWish, name: str, *, whole: bool = True) -> Layout:
    """The layout of a file by its first lines but those to skip, or by all where they are `whole`.

    Unless it is known, a row is a header where it holds no number, or text above a column of
    numbers. Raises TableError, with the file's `name`.
    """
    if wish.skip_rows and not any(map(str.strip, lines)):
        raise TableError(f"{name} has nothing below the {wish.skip_rows:,} lines left out")
    sample, heads = _sampled(lines, wish.skip_rows, name, whole=whole)
    notes = [] if wish.skip_rows else without_preamble(sample)
    names = None if wish.header is False else comment_names(sample, heads)
    if names and heads.pop().startswith("#"):
        notes.append("the names stand in a comment")
    found = _laid_out(sample, names or header_of(sample, wish, notes), wish, name)
    if whole and found.header and not sample.rows and len(found.columns) > 1:
        raise TableError(f"{name} has a header but no rows")
    columns = found.columns if whole else _empty_so_far(found.columns, len(sample.rows))
    notes += found.notes
    return replace(
        found, columns=columns, skipped=wish.skip_rows, comments=len(heads), notes=tuple(notes)
    )


def _empty_so_far(columns: Sequence[Column], rows: int) -> tuple[Column, ...]:
    """The columns, of which those may hold something below the sample that are empty in it."""
    return tuple(
        replace(one, kind=replace(one.kind, known=rows)) if is_empty(one.kind) else one
        for one in columns
    )


def _sampled(
    lines: Sequence[str], skipped: int, name: str, *, whole: bool
) -> tuple[Sample, list[str]]:
    """The rows by the likeliest delimiter, and the comments above them; raises TableError."""
    above = 0
    while above < len(lines) and not lines[above].strip():
        above += 1
    delimiters = DELIMITERS
    if above < len(lines) and (sep := _SEP.fullmatch(lines[above])):
        above, delimiters = above + 1, sep[1]
    rest = lines[above:]
    refuse_other_formats(rest, skipped + above, name)
    comment, heads = comments_of(rest)
    delimiters = occurring(delimiters, rest)
    samples = [Sample(rest, one, skipped + above, comment) for one in delimiters]
    _refuse_nothing(samples, rest, name)
    sample = likeliest(samples)
    open_ = sample.open or next((one.open for one in samples if one.open), None)
    swallowed = sample.open and len(sample.rows) < _HEADER_AND_ROW
    if open_ and (swallowed or (whole and (sample.open or sample.width < 2))):
        raise TableError(f"{name}:{open_.line}: {open_.problem}")
    if whole:
        _without_end(sample, rest, name)
    if sample.delimiter == " ":
        refuse_two_lines_a_row(sample, name)
    return sample, heads


def _without_end(sample: Sample, lines: Sequence[str], name: str) -> None:
    """Take rows from the bottom that are none of the table; they are told when they are read."""
    end = table_end(lines, sample.delimiter, sample.width, sample.above + 1)
    if end.count < len(lines):
        sample.rows = [row for row in sample.rows if row[0] <= sample.above + end.count]
        if len(sample.rows) < _HEADER_AND_ROW:
            raise TableError(f"{name} holds sums and means, not the rows that they are of")


def _refuse_nothing(samples: Sequence[Sample], lines: Sequence[str], name: str) -> None:
    if any(one.rows for one in samples):
        return
    opened = next((one.open for one in samples if one.open), None)
    if opened and any('"' in line for line in lines):
        raise TableError(f"{name}:{opened.line}: {opened.problem}")
    problem = "is empty"
    if any(line.strip(" \t\r\n\0") for line in lines):
        long = any(len(line) > csv.field_size_limit() for line in lines)
        limit = f"{csv.field_size_limit():,}"
        problem = f"holds a cell longer than {limit} characters" if long else "has only comments"
        if not "".join(lines).strip(f"{DELIMITERS}\r\n"):
            problem = "holds only empty cells"
    elif "\0" in "".join(lines):
        problem = "holds nothing but NUL bytes"
    raise TableError(f"{name} {problem}")


def _laid_out(sample: Sample, header: list[str] | None, wish: TableWish, name: str) -> Layout:
    rows = sample.rows
    width, names, missing = sample.width, header, wish.missing_words
    numbered = False
    if header is not None:
        numbered = _lacks_a_name(header, rows, width, sample.delimiter, name)
        names = ["", *header] if numbered else header
        if rows and len(names) > width and is_blank(names[width:]):
            names = names[:width]
        width = len(names)
    notes = _doubts(sample) if numbered else []
    cells_of = turned([row for _, row in rows], width)
    mark = decimal_mark(cells_of, sample.delimiter, wish.decimal, names or ())
    marked = any("." in cell or "," in cell for column in cells_of for cell in column)
    if header is not None:
        notes += without_units(rows, width, mark.decimal, missing)
    cells_of = turned([row for _, row in rows if row != header], width) or [[]] * width
    cells_of += [[]] * (width - len(cells_of))
    flags = bool(names and EUROSTAT.fullmatch(names[0]))
    kinds = [
        kind(column, mark.decimal, missing, flags=flags, title=title)
        for column, title in zip(cells_of, names or repeat(""), strict=False)
    ]
    columns = with_indices(
        named(names, kinds), cells_of, header=names is not None, numbered=numbered
    )
    instead = standing_in(columns, cells_of, mark.decimal, wish)
    said = (*said_of_columns(columns, names), *said_of_cells(columns, cells_of))
    return Layout(
        delimiter=sample.delimiter,
        decimal=mark.decimal,
        unsettled=sample.delimiter != "," and not (wish.decimal or marked),
        columns=columns,
        header=header is not None,
        first=rows[0][0] - 1 if rows else sample.end,
        comment=sample.comment,
        notes=tuple(filter(None, [*notes, mark.said, *said, *instead])),
    )


def _lacks_a_name(
    header: Sequence[str], rows: Sequence[Row], width: int, delimiter: str, name: str
) -> bool:
    """Whether the first column has no name, as R writes it; raises TableError where it cannot be.

    What numbers or names the rows is in none of them twice.
    """
    cells = [row for _, row in rows]
    first = [row[0] for row in cells if len(row) == width]
    if len(header) != width - 1 or not first or _ends_blank(cells, width):
        return False
    if all(map(measured, first)) and not are_apart(first):
        line = next(at for at, row in rows if len(row) == width)
        what = f"{width} fields where the header has {len(header)}"
        commas = "; are decimal commas between the commas?" if delimiter == "," else ""
        raise TableError(f"{name}:{line}: {what}{commas}")
    return True


def _doubts(sample: Sample) -> list[str]:
    """What else a column without a name may come from."""
    rows = [cells for _, cells in sample.rows if len(cells) == sample.width]
    if sample.delimiter == "," and _all_whole(rows):
        return [_APART]
    second = [cells[1].strip() for cells in rows]
    if sample.delimiter == " " and all(c.isdecimal() and len(c) == _THOUSAND for c in second):
        return [_SPACED]
    return []


def _all_whole(rows: Sequence[Sequence[str]]) -> bool:
    return all(cell.strip().isdecimal() for cells in rows for cell in cells)


def _ends_blank(rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether rows end with a delimiter, behind which nothing stands."""
    return any(not row[-1].strip() for row in rows if len(row) == width)
