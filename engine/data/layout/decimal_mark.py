"""Which mark stands before decimals, and which between thousands: decided by the whole file.

`1.250` is one and a quarter in one country and one thousand two hundred and fifty in another. A
cell such as `7.4`, `1.250,50` or `2 000` decides for all. Where none does, in a file with
semicolons, which Excel writes where decimals have a comma, the reading counts under which the
columns spread less: `1.250` beside `950` is more than a thousand, beside `2` it is not. Elsewhere
it is a decimal point, unless its zeros tell otherwise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from statistics import pstdev

from engine.data.cells import measured, visible
from engine.data.grouped_codes import code_in

_POINT = re.compile(r"\s*-?(\d*\.(\d{0,2}|\d{4,})|0?\.\d*|\d{4,}\.\d*)(e[+-]?\d+)?\s*", re.I)
"""Cells in which a point can only stand before decimals: they need no further look."""
_SPACED = re.compile(r"\s*-?\d{1,3}([ \u00a0\u2007\u2009\u202f'’]\d{3})+\s*")
"""Thousands apart by something else than a comma or a point, which then stand before decimals."""
_CLOSE = 1e-9
"""Spreads that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The decimal mark of a file, and the cell by which a user can see how numbers are read."""

    decimal: str
    example: str = ""
    """A cell that the other mark would make another number of, where that is worth a word."""

    @property
    def said(self) -> str:
        """What was decided, in one line; empty where there was nothing to decide."""
        if not self.example:
            return "decimals have a comma" if self.decimal == "," else ""
        other = "," if self.decimal == "." else "."
        ours, theirs = (measured(self.example, mark) for mark in (self.decimal, other))
        words = f"{visible(self.example.strip())} is read as {ours[0] if ours else 0:.15g}"
        return f"{words}; --decimal {other} reads {theirs[0]:.15g}" if theirs else words


def decimal_mark(
    columns: Sequence[Sequence[str]],
    delimiter: str,
    asked: str | None = None,
    titles: Sequence[str] = (),
) -> Mark:
    """The decimal mark of cells, given by column; `asked` where a user has said it."""
    named = zip_longest(columns, titles[: len(columns)], fillvalue="")
    columns = [column for column, title in named if not code_in(column, str(title))]
    points = commas = 0
    either, grouped = [], ""
    for cell in (cell for column in columns for cell in column if "." in cell or "," in cell):
        if _POINT.fullmatch(cell):
            points += 1
            continue
        point, comma = measured(cell, "."), measured(cell, ",")
        points += point is not None
        commas += comma is not None
        if point and comma and point[0] != comma[0]:
            either.append(cell)
        elif comma and not point and "," not in cell:
            grouped = grouped or cell
    decimal = asked or _decided(columns, delimiter, points - commas, either)
    # A decimal point that is one beyond doubt, as in most files, is not worth a word.
    doubt = points == commas and delimiter != ","
    told = [cell for cell in either if decimal not in cell or doubt]
    if decimal == "," and not told and not any("," in cell for one in columns for cell in one):
        told = [grouped]  # else nobody sees what its points were taken for
    return Mark(decimal, told[0] if told and not asked else "")


def _decided(
    columns: Sequence[Sequence[str]], delimiter: str, more: int, either: Sequence[str]
) -> str:
    if more or not either:
        return "," if more < 0 else "."
    if any(_SPACED.fullmatch(cell) for column in columns for cell in column):
        return "," if "," in either[0] else "."
    if delimiter != ";" and not any(map(_apart, columns)):
        return "."
    point, comma = _spread(columns, "."), _spread(columns, ",")
    if abs(point - comma) > _CLOSE:
        return "." if point < comma else ","
    return "," if delimiter == ";" else "."


def _apart(column: Sequence[str]) -> bool:
    """Whether points in a column look like those between thousands, wherever they come from.

    Who writes three decimals writes them in all cells, and who writes as few as are needed
    writes no zero at the end.
    """
    bare = any(cell.strip().isdecimal() for cell in column)
    return bare and any("." in cell and cell.rstrip().endswith("0") for cell in column)


def _spread(columns: Sequence[Sequence[str]], decimal: str) -> float:
    """How many powers of e the numbers of a column lie apart, over all columns."""
    total = 0.0
    for column in columns:
        numbers = [found[0] for cell in column if (found := measured(cell, decimal))]
        sizes = [math.log(abs(size)) for size in numbers if size and math.isfinite(size)]
        total += pstdev(sizes) if len(sizes) > 1 else 0.0
    return total
