"""What is wrong with a row that cannot be read, in a few words, and what it may come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.data.cells import listed, measured, visible
from engine.data.column_kinds import RATIOS

_TOLD = 10
"""Columns of which is told how many numbers are missing."""


def ragged(row: Sequence[str], width: int, delimiter: str) -> str:
    """What is wrong with a row of another width."""
    fields = "1 field" if len(row) == 1 else f"{len(row)} fields"
    words = f"{fields} where {width} are expected"
    if delimiter == "," and len(row) == 2 * width:
        return f"{words}; are decimal commas between the commas?"
    if "\0" in "".join(row):
        return f"{words}, and NUL bytes: was the file cut?"
    if delimiter == " ":
        return f"{words}; where spaces separate, no cell can be empty or hold one"
    return words


def no_number(cell: str, found: tuple[float, str] | None, unit: str, decimal: str) -> str:
    """What is wrong with a cell that has no number, or one of another unit than its column's."""
    shown = f'"{visible(cell)}"'
    if "\0" in cell:
        return f"{shown} is not a number, but holds a NUL byte"
    if found is not None and unit in RATIOS and not found[1]:
        return f"{shown} has no {unit}, as the others have"
    if found is not None and unit:
        return f"{shown} is in {visible(found[1])}, the others in {visible(unit)}"
    other = "," if decimal == "." else "."
    if found is None and measured(cell, other):
        return f"{shown} is not a number where decimals have {decimal}; --decimal {other}?"
    return f"{shown} is not a number"


def missing_in(lacking: Mapping[str, int]) -> str:
    """How many rows lack the number of which column, in one line about those dropped."""
    counts = [f"{count:,} of {listed([name])}" for name, count in lacking.items()]
    return f"missing in dropped rows: {', '.join(counts[:_TOLD])}"
