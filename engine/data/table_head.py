"""What stands around the rows of numbers: a title, the names of the columns, their units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.cells import MISSING_WORDS, TRUTHS, is_missing, measured, number, visible
from engine.data.column_kinds import kind
from engine.data.csv_sample import Sample, turned
from engine.data.decimal_mark import decimal_mark
from engine.data.row_parser import Row, RowParser
from engine.data.source import Decimal

_UNIT_ROWS = 2
"""At most so many rows below the header may hold units or types."""
_SHOWN = 4
"""Cells of such a row that are told."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a user says of a file's layout; by default everything is found."""

    header: bool | None = None
    """Whether the first row holds the names; None: as it looks."""
    decimal: Decimal = ""
    skip_rows: int = 0
    """Lines above the table that are left out."""
    missing: frozenset[str] = MISSING_WORDS
    """What stands for a missing number, in lower case."""


def without_title(sample: Sample) -> list[str]:
    """Take rows from the top that are no part of the table, and say so."""
    texts = []
    while len(sample.rows) > 2 and sample.width > 1:
        cells = sample.rows[0][1]
        held = len(cells) - next((i for i, cell in enumerate(reversed(cells)) if cell.strip()), 0)
        # A row of names may lack one, for the numbers of the rows, but not half of them.
        if held > 1 and 2 * held >= sample.width:
            break
        if held == 1 and _any_number(cells):
            break
        texts.append(visible(" ".join(cells).strip()))
        sample.rows.pop(0)
    return [f"above the table, left out: {text}" for text in texts]


def comment_names(sample: Sample, heads: Sequence[str]) -> list[str] | None:
    """The names of the columns in the last comment above numbers, as NumPy writes them."""
    first = sample.rows[0][1] if sample.rows else []
    if not heads or len(first) != sample.width or not _any_number(first):
        return None
    bare = heads[-1].lstrip("#").strip()  # a per cent sign may belong to a name
    ((_, names),) = RowParser([bare or "?"], sample.delimiter)
    if len(names) != sample.width or _any_number(names):
        return None
    return [names[0] or "#", *names[1:]]


def header_of(sample: Sample, asked: Asked) -> list[str] | None:
    """Take the row of names from the sample; None where there is none."""
    first, *rest = [cells for _, cells in sample.rows]
    width = sample.width
    if not (
        _looks_like_names(first, rest, width, sample.delimiter, asked)
        if asked.header is None
        else asked.header
    ):
        return None
    sample.rows.pop(0)
    return first


def _looks_like_names(
    first: Sequence[str],
    rest: Sequence[Sequence[str]],
    width: int,
    delimiter: str,
    asked: Asked,
) -> bool:
    """Whether the first row holds no number, or text above a column of numbers, or years."""
    columns = turned(rest, width)
    decimal = decimal_mark(columns, delimiter, asked.decimal).decimal
    if all(number(cell, decimal) is None for cell in first) or _are_years(first):
        return True
    texts = (
        not is_missing(cell, asked.missing) and number(cell, decimal) is None for cell in first
    )
    return any(
        text and kind(column, decimal, asked.missing).numeric
        for text, column in zip(texts, columns, strict=False)
    )


def _are_years(cells: Sequence[str]) -> bool:
    """Whether the numbers among texts are years, one after the other: names of columns."""
    years = [int(cell) for cell in cells if cell.strip().isdecimal()]
    follow = years == list(range(years[0], years[0] + len(years))) if years else False
    return follow and 1 < len(years) < len(cells) and 1000 < years[0] < 3000


def _any_number(cells: Sequence[str]) -> bool:
    return any(number(cell, mark) is not None for cell in cells for mark in ".,")


def without_units(rows: list[Row], width: int, decimal: str, missing: frozenset[str]) -> list[str]:
    """Take rows of units or types below the header from the table, and say so."""
    notes: list[str] = []
    while len(rows) > 1 and len(notes) < _UNIT_ROWS:
        line, cells = rows[0]
        if any(measured(cell, decimal) or _is_truth(cell) for cell in cells):
            break
        below = turned([row for _, row in rows[1:]], width)
        numeric = [i for i, one in enumerate(below) if kind(one, decimal, missing).numeric]
        held = [cells[i] for i in numeric if i < len(cells) and not is_missing(cells[i], missing)]
        if not held:
            break
        rows.pop(0)
        shown = ", ".join(visible(cell.strip(), 16) for cell in held[:_SHOWN])
        notes.append(f"line {line} left out, since it holds no numbers: {shown}")
    return notes


def _is_truth(cell: str) -> bool:
    return cell.strip().casefold() in TRUTHS
