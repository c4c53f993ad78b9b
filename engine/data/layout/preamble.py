"""What stands above a table: a title, words about it, settings of the instrument that wrote it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from engine.data.cells import is_missing, measured, visible
from engine.data.column_kinds import are_apart, kind
from engine.data.layout.csv_sample import Sample, turned
from engine.data.layout.decimal_mark import decimal_mark
from engine.data.row_parser import is_blank, without_blank_end
from engine.plurals import counted

_NAMES = 3
"""Most rows of names, units and types between what stands above a table and its numbers."""
_ROWS = 3
"""Rows of numbers at least that are told from all that stands above them."""
_LOOKED_AT = 100
"""Rows of the end of the sample that say which columns hold numbers."""
_TOLD = 3
"""Lines above the table that are told; of others, how many there are."""


def without_preamble(sample: Sample) -> list[str]:
    """Take rows from the top that are no part of the table, and say so."""
    above = max(_above_numbers(sample), _counts(sample)) if sample.width > 1 else 0
    texts = [_text(cells) for _, cells in sample.rows[:above]]
    del sample.rows[:above]
    while len(sample.rows) > 2 and sample.width > 1:
        cells = sample.rows[0][1]
        held = _filled(cells)
        # A row of names may lack one, for the numbers of the rows, but not half of them.
        if held > 1 and (2 * held >= sample.width or 2 * held >= _widest(sample)):
            break
        if held == 1 and any_number(cells):
            break
        texts.append(_text(cells))
        sample.rows.pop(0)
    notes = [f"above the table, left out: {text}" for text in texts[:_TOLD]]
    if (more := len(texts) - _TOLD) > 0:
        lines = counted(more, "more line")
        notes.append(f"above the table, left out: {lines}")
    return notes


def any_number(cells: Sequence[str]) -> bool:
    """Whether any cell is a number, whatever its decimal mark."""
    return any(measured(cell, mark) is not None for cell in cells for mark in ".,")


def _counts(sample: Sample) -> int:
    """1 where the first row says how many rows and features follow, as scikit-learn writes it."""
    rows, features, *classes = [*sample.rows[0][1], "", ""]
    counted = [rows.strip(), features.strip()] == [str(len(sample.rows) - 1), str(sample.width - 1)]
    return int(counted and any(map(str.strip, classes)) and not any_number(classes))


def _above_numbers(sample: Sample) -> int:
    """How many rows stand above the names of a table whose numbers go on to the end.

    None where rows of numbers stand among the others: one that is wrong is no end of a title.
    """
    rows = [cells for _, cells in sample.rows]
    below = turned(rows[len(rows) // 2 :][-_LOOKED_AT:], sample.width)
    decimal = decimal_mark(below, sample.delimiter).decimal
    kinds_below = [kind(column, decimal) for column in below]
    numeric = [i for i, one in enumerate(kinds_below) if one.numeric and not one.truth]
    if not numeric or any(_is_data(row, numeric, decimal) for row in rows[:2]):
        return 0
    kinds = [_is_data(row, numeric, decimal) for row in rows]
    first = len(rows) - next((i for i, one in enumerate(reversed(kinds)) if not one), len(rows))
    if first < 2 or len(rows) - first < _ROWS or any(kinds[:first]):
        return 0
    widths = {sample.width}
    if sample.delimiter == " " and _are_names([row[0] for row in rows[first:]]):
        widths.add(sample.width - 1)
    names = first
    if names > 1 and is_blank(rows[names - 1][1:]):  # perhaps the name of what numbers the rows
        names -= _are_words(rows[names - 2], numeric, sample.width, widths)
    while names and _are_words(rows[names - 1], numeric, sample.width, widths):
        names -= 1
    with_numbers = [any_number(_held(row, numeric)) for row in rows[:first]]
    many = 2 * sum(with_numbers) >= first or (with_numbers[-1] and len(rows[first - 1]) > 1)
    if names == first and many:
        return 0  # rows that are wrong, or of a column that begins with words
    return names if first - names <= _NAMES else first - 1


def _held(row: Sequence[str], numeric: Sequence[int]) -> list[str]:
    return [row[i] for i in numeric if i < len(row) and row[i].strip()]


def _is_data(row: Sequence[str], numeric: Sequence[int], decimal: str) -> bool:
    """Whether a number, or nothing, stands in every column of numbers."""
    if len(row) <= numeric[-1]:
        return False
    return all(is_missing(row[i]) or measured(row[i], decimal) is not None for i in numeric)


def _are_words(
    row: Sequence[str], numeric: Sequence[int], width: int, widths: Collection[int]
) -> bool:
    """Whether a row may hold names or units: as wide as the table, and without numbers."""
    held = _held(row, numeric)
    wide = len(without_blank_end(row, width)) in widths
    return wide and 2 * len(held) >= len(numeric) and not any_number(held)


def _are_names(cells: Sequence[str]) -> bool:
    """Whether the cells of a first column number or name the rows, as R writes them."""
    return are_apart(cells) or not all(map(measured, cells))


def _filled(cells: Sequence[str]) -> int:
    """How many cells there are up to the last that is not empty."""
    return len(cells) - next((i for i, cell in enumerate(reversed(cells)) if cell.strip()), 0)


def _widest(sample: Sample) -> int:
    """The cells of the longest row, without the empty ones at its end."""
    return max(_filled(cells) for _, cells in sample.rows)


def _text(cells: Sequence[str]) -> str:
    return visible(" ".join(" ".join(cells).split()))
