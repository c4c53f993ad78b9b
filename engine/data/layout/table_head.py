"""What stands right above the rows of numbers: the names of the columns, their units, sums."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from engine.data.cells import TRUTHS, is_count, is_missing, measured, visible
from engine.data.column_kinds import Kind, kind
from engine.data.layout.csv_sample import Sample, turned
from engine.data.layout.decimal_mark import decimal_mark
from engine.data.layout.preamble import any_number
from engine.data.layout.table_end import TOTALS
from engine.data.row_parser import OpenQuoteError, Row, RowParser, is_blank
from engine.data.table_wish import TableWish

_UNIT_ROWS = 2
"""At most so many rows below the header may hold units or types."""
_SHOWN = 4
"""Cells of such a row that are told."""
_COUNTED = 3
"""So many numbers that follow each other are more than chance."""


def comment_names(sample: Sample, heads: Sequence[str]) -> list[str] | None:
    """The names of the columns in the last comment above numbers, as NumPy writes them."""
    first = sample.rows[0][1] if sample.rows else []
    if not heads or len(first) != sample.width or not any_number(first):
        return None
    bare = heads[-1].lstrip("#").strip()  # a per cent sign may belong to a name
    try:
        names = next((cells for _, cells in RowParser([bare], sample.delimiter)), [])
    except OpenQuoteError:
        return None
    if len(names) != sample.width or any_number(names):
        return None
    return [names[0] or "#", *names[1:]]


def header_of(sample: Sample, wish: TableWish, notes: list[str]) -> list[str] | None:
    """Take the row of names from the sample, or both, which is noted; None where there is none."""
    first, *rest = [cells for _, cells in sample.rows]
    width = sample.width
    if not (
        _looks_like_names(first, rest, width, sample.delimiter, wish)
        if wish.header is None
        else wish.header
    ):
        notes += _perhaps_names(first, rest) if wish.header is None else ()
        return None
    sample.rows.pop(0)
    if len(rest) > 1 and _is_line_below(rest[0], first):
        sample.rows.pop(0)
        del rest[0]
    if len(rest) > 1 and _are_names_of_parts(first, rest[0], width):
        at, below = sample.rows.pop(0)
        notes.append(f"the names stand in lines {at - 1} and {at}")
        if len(rest) > 1 and rest[1][0].strip() and is_blank(rest[1][1:]):
            sample.rows.pop(0)  # what numbers the rows has its name in a line of its own
        return _joined(first, below)
    return first


def _is_line_below(cells: Sequence[str], names: Sequence[str]) -> bool:
    """Whether each name is underlined from end to end, as programs of SQL do it."""
    return len(cells) == len(names) and all(
        cell and cell == "-" * len(name) for cell, name in zip(cells, names, strict=True)
    )


def _are_names_of_parts(above: Sequence[str], below: Sequence[str], width: int) -> bool:
    """Whether names of groups, of which some are empty or the same, stand above those of columns.

    The first column, which may only number the rows, may have none.
    """
    if not len(above) == len(below) == width or any_number(below) or above == below:
        return False
    first = 0 if above[0].strip() else 1
    groups, names = above[first:], below[first:]
    grouped = len(set(groups)) < len(groups) or not all(map(str.strip, groups))
    joined = _joined(above, below)
    return grouped and all(map(str.strip, names)) and len(set(joined)) == len(joined)


def _joined(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Names of groups before those of columns; an empty one belongs to the group before it."""
    group, joined = "", []
    for one, name in zip(above, below, strict=True):
        group = one.strip() or group
        joined.append(f"{group} {name.strip()}".strip())
    return joined


def _looks_like_names(
    first: Sequence[str],
    rest: Sequence[Sequence[str]],
    width: int,
    delimiter: str,
    wish: TableWish,
) -> bool:
    """Whether the first row holds names alone, or one above a column of numbers, or years."""
    if _are_years(first) or _are_places(first, rest):
        return True
    columns, missing = turned(rest or [first], width), wish.missing_words
    decimal = decimal_mark(columns, delimiter, wish.decimal).decimal

    @lru_cache(None)
    def below(place: int) -> Kind:
        if not rest or place >= len(columns):
            return Kind(numeric=False)
        return kind(columns[place], decimal, missing)

    held = [i for i, cell in enumerate(first) if not is_missing(cell, missing)]
    names = [i for i in held if _is_name(first[i], decimal, partial(below, i))]
    return names == held or any(below(i).numeric for i in names)


def _is_name(cell: str, decimal: str, below: Callable[[], Kind]) -> bool:
    """Whether a cell is none of the column below it."""
    found = measured(cell, decimal)
    if found is None:
        return cell.strip().casefold() not in TRUTHS or not below().truth
    return bool(found[1]) and found[1] != below().unit and not below().flags


def _are_years(cells: Sequence[str]) -> bool:
    """Whether the numbers among texts are years, one after the other: names of columns."""
    years = [int(cell) for cell in cells if is_count(cell)]
    follow = years == list(range(years[0], years[0] + len(years))) if years else False
    return follow and 1 < len(years) < len(cells) and 1000 < years[0] < 3000


def _are_places(cells: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether cells count the columns from 0, as pandas names them, above other numbers."""
    counted = [cell.strip() for cell in cells]
    if not counted[0]:
        return len(counted) > 1 and counted[1:] == [str(i) for i in range(len(counted) - 1)]
    pointed = any("." in cell for row in rest for cell in row)
    return len(cells) >= _COUNTED and pointed and counted == [str(i) for i in range(len(cells))]


def _perhaps_names(first: Sequence[str], rest: Sequence[Sequence[str]]) -> list[str]:
    """A question where numbers that follow each other stand above others, as years may."""
    if not _count_on(first) or any(map(_count_on, rest[:1])):
        return []
    shown = ", ".join(cell.strip() for cell in first[:_COUNTED])
    return [f"are {shown} names? --skip-rows leaves their line out"]


def _count_on(cells: Sequence[str]) -> bool:
    """Whether cells are whole numbers, enough of them, one after the other."""
    if len(cells) < _COUNTED or not all(map(is_count, cells)):
        return False
    return [int(cell) for cell in cells] == list(range(int(cells[0]), int(cells[0]) + len(cells)))


def without_units(rows: list[Row], width: int, decimal: str, missing: frozenset[str]) -> list[str]:
    """Take rows of units or types below the header from the table, and say so."""
    notes: list[str] = []
    while len(rows) > 1 and len(notes) < _UNIT_ROWS:
        line, cells = rows[0]
        if _adds_up(rows):
            rows.pop(0)
            shown = visible(" ".join(cells).strip())
            notes.append(f"line {line} left out, since it sums up others: {shown}")
            break
        if any(measured(cell, decimal) for cell in cells):
            break
        below = turned([row for _, row in rows[1:]], width)
        kinds = [kind(one, decimal, missing) for one in below]
        numeric = [i for i, one in enumerate(kinds) if one.numeric]
        held = [cells[i] for i in numeric if i < len(cells) and not is_missing(cells[i], missing)]
        if notes and not held and cells[0].strip() and is_blank(cells[1:]):
            rows.pop(0)  # what numbers the rows has its name in a line of its own
            break
        if not held or any(map(_is_truth, cells, kinds)):
            break
        rows.pop(0)
        shown = ", ".join(visible(cell.strip(), 16) for cell in held[:_SHOWN])
        notes.append(f"line {line} left out, since it holds no numbers: {shown}")
    return notes


def _is_truth(cell: str, column: Kind) -> bool:
    return column.truth and cell.strip().casefold() in TRUTHS


def _adds_up(rows: Sequence[Row]) -> bool:
    """Whether the first row is called a total, as no other is, and holds numbers."""
    label, *others = (cells[0].strip().casefold() for _, cells in rows)
    return label in TOTALS and label not in others and any_number(rows[0][1])
