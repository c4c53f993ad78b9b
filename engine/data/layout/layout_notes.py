"""What was found out about the columns of a text file, a line each for who reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.data.cells import listed, visible
from engine.data.column_kinds import YES, Column, is_rounded
from engine.data.layout.table_end import TOTALS
from engine.plurals import counted

_TOLD = 3
"""Columns of mixed units that are told."""
_TOTAL = re.compile(r"([^,]*\W)?(sub|grand )?totals?", re.IGNORECASE)


def said_of_columns(columns: Sequence[Column], names: Sequence[str] | None) -> Iterator[str]:
    """What was found out about the columns, a line each."""
    if names is None:
        yield "no row of names: the columns are numbered"
    used = [one for one in columns if not one.index]
    if units := [f"{one.name} ({visible(one.kind.unit, 16)})" for one in used if one.kind.unit]:
        yield f"units: {listed(units)}"
    if flags := [one.name for one in used if one.kind.flags]:
        yield f"flags of Eurostat behind numbers left out: {listed(flags)}"
    twice = [one.name for one in used if one.title and _differ(one.title, one.name)]
    if twice:
        yield f"names that look alike are numbered: {listed(twice)}"
    if mixed := [one.name for one in used if one.kind.what == "numbers and text"]:
        yield f"numbers and text stand in {listed(mixed)}"
    for one in [one for one in used if one.kind.mixes_units][:_TOLD]:
        yield f"{one.name} is left out: {visible(one.kind.what)}"
    if dates := [one.name for one in used if one.kind.what == "dates"]:
        yield f"dates are no numbers: {listed(dates)}"


def _differ(title: str, name: str) -> bool:
    return visible(" ".join(title.split())) != name


def said_of_cells(columns: Sequence[Column], cells_of: Sequence[Sequence[str]]) -> Iterator[str]:
    """What the cells of the first rows may be, or are in memory, a line each."""
    truths: dict[str, list[str]] = {}
    for column, cells in zip(columns, cells_of, strict=True):
        if column.kind.truth:
            words = "yes is 1 and no 0" if _are_yes(cells) else "true is 1 and false 0"
            truths.setdefault(words, []).append(column.name)
        elif column.kind.numeric and not column.index:
            if rounded := next(filter(is_rounded, cells), None):
                yield f"{rounded.strip()} in {column.name} is rounded to {float(rounded):.0f}"
        elif sums := set(filter(_is_total, set(cells))):
            count = sum(cell in sums for cell in cells)
            rows = counted(count, "row")
            if count < len(cells):
                which = visible(min(sums))
                yield f'"{which}" in {rows} of {column.name}: are they sums of others?'
    for words, names in truths.items():
        yield f"{words} in {listed(names)}"


def _are_yes(cells: Sequence[str]) -> bool:
    return any(cell.strip().casefold() in YES for cell in cells)


def _is_total(cell: str) -> bool:
    return cell.strip().casefold() in TOTALS or bool(_TOTAL.fullmatch(cell.strip()))
