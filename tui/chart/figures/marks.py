"""What stands over the curves of a chart: marks with their names, and tags where there is room."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from tui.chart.figures.canvas import pixel
from tui.chart.figures.cells import Cells, clipped
from tui.chart.figures.plot import Mark, Plot, Tag
from tui.chart.figures.roles import LEVELS, Role, level

Named = set[tuple[int, int]]
"""Rows and columns of the names beside marks."""
LEVEL_ROLES = frozenset(level(number) for number in range(LEVELS))
"""The roles of areas and contours, which a tag may interrupt."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where in the picture the canvas lies, in cells."""

    left: int
    top: int
    width: int
    height: int


def put_mark(
    cells: Cells, plot: Plot, area: Area, mark: Mark, row: int, named: Named | None = None
) -> None:
    """Put a glyph in a row of the canvas, where x has it, and its name beside it."""
    x = plot.x.fraction(mark.x)
    if x is not None and 0 <= x <= 1:
        column = area.left + pixel(x, area.width)
        cells.lay(area.top + row, column, [(mark.glyph, mark.role)])
        if mark.name:
            _name(cells, area, mark, (area.top + row, column), set() if named is None else named)


def _name(cells: Cells, area: Area, mark: Mark, place: tuple[int, int], named: Named) -> None:
    """Put a mark's name at its right, or at its left where it fits there only.

    Where another name stands, as where two curves end together, it is put before that one.
    """
    row, column = place
    end, wanted = area.left + area.width, cell_len(mark.name)
    right, left = column + 2, column - 1 - wanted
    starts = [right, *range(left, area.left - 1, -1)]
    free = (
        at for at in starts if at + wanted <= end and not named & _taken(row, at - 1, wanted + 2)
    )
    start = next(free, None)
    if start is None and not named & _taken(row, right, end - right):
        start = right
    if start is None:
        return
    text = f" {clipped(mark.name, end - right)}" if start == right else f"{mark.name} "
    cells.lay(row, start - (start == right), [(char, mark.role) for char in text])
    named |= _taken(row, start, cell_len(text) - 1)


def _taken(row: int, start: int, width: int) -> Named:
    return {(row, column) for column in range(start, start + width)}


def put_tag(cells: Cells, plot: Plot, area: Area, tag: Tag) -> None:
    """Put a text in the first of its places with nothing but its own ground under and beside it."""
    width = cell_len(tag.text)
    for place in tag.places:
        across, up = plot.x.fraction(place[0]), plot.y.fraction(place[1])
        if across is None or up is None or not (0 <= across <= 1 and 0 <= up <= 1):
            continue
        start = area.left + pixel(across, area.width) - width // 2
        row = area.top + area.height - 1 - pixel(up, area.height)
        inside = start > area.left and start + width < area.left + area.width
        if inside and all(map(_is_ground, cells.fronts(row, start - 1, start + width + 1))):
            cells.lay(row, start, [(char, Role.TAG) for char in tag.text])
            return


def _is_ground(role: str) -> bool:
    return role in ("", Role.GRID) or role in LEVEL_ROLES
