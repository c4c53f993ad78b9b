"""A grid of cells to write on, which then becomes a picture; and pictures put together."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rich.cells import cell_len, set_cell_size

from tui.chart.figures.roles import over, split
from tui.kit.spans import Picture, Row, Span

Cell = tuple[str, str]
"""A character and its role; (" ", "") where nothing was drawn."""


class Cells:
    """Rows and columns of cells with roles; what is outside is not written.

    A character two cells wide stands in the first of them, and the second holds nothing.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._chars = [[" "] * width for _ in range(height)]
        self._roles = [[""] * width for _ in range(height)]
        self._narrow = True
        """Whether every character takes one cell."""

    def put(self, row: int, column: int, text: str, role: str) -> None:
        """Write a text from a cell to the right, cut at the edges."""
        if not 0 <= row < self.height:
            return
        chars, roles = self._chars[row], self._roles[row]
        for char in text:
            wide = cell_len(char)
            if 0 <= column <= self.width - wide:
                self._narrow &= wide == 1
                if wide:
                    _clear(chars, column, column + wide)
                    chars[column : column + wide] = [char, *[""] * (wide - 1)]
                    roles[column : column + wide] = [role] * wide
                elif column:  # a combining mark
                    chars[column - 1] += char
            column += wide

    def lay(self, row: int, column: int, cells: Iterable[Cell]) -> None:
        """Write cells from one to the right over what is there, but for those without a role.

        Where there is a background it stays, unless a cell has one of its own.
        """
        chars, roles = self._chars[row], self._roles[row]
        for at, (char, role) in enumerate(cells, column):
            if not role:
                continue
            if self._narrow and cell_len(char) == 1:
                chars[at], roles[at] = char, over(role, roles[at])
            else:
                self.put(row, at, char, over(role, roles[at]))

    def fronts(self, row: int, start: int, end: int) -> list[str]:
        """Return the roles in front of the cells from `start` up to `end` of a row."""
        return [split(role)[0] for role in self._roles[row][start:end]]

    def picture(self) -> Picture:
        """Return the grid as it is now."""
        rows = zip(self._chars, self._roles, strict=True)
        return Picture(self.width, tuple(_spans(chars, roles) for chars, roles in rows))


def beside(left: Picture, right: Picture) -> Picture:
    """Put two pictures of one height next to each other."""
    rows = zip(left.rows, right.rows, strict=True)
    return Picture(left.width + right.width, tuple(a + b for a, b in rows))


def above(top: Picture, bottom: Picture) -> Picture:
    """Put two pictures of one width one below the other."""
    return Picture(top.width, top.rows + bottom.rows)


def clipped(text: str, width: int, more: str = "…") -> str:
    """Cut a text to at most `width` cells, its end replaced by `more` where it is longer."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - cell_len(more), 0)) + more[: max(width, 0)]


def _clear(chars: list[str], start: int, end: int) -> None:
    """Blank what else is left of two-cell characters of which cells from `start` to `end` go."""
    if not chars[start]:
        chars[start - 1] = " "
    if end < len(chars) and not chars[end]:
        chars[end] = " "


def _spans(chars: list[str], roles: list[str]) -> Row:
    spans = []
    start = 0
    for role, group in groupby(roles):
        end = start + len([*group])
        spans.append(Span("".join(chars[start:end]), role))
        start = end
    return tuple(spans)
