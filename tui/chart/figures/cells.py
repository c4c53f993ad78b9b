"""A grid of cells to write on, which then becomes a picture; and pictures put together."""

from __future__ import annotations

from itertools import groupby

from tui.kit.spans import Picture, Row, Span


class Cells:
    """Rows and columns of one-cell characters with roles; what is outside is not written."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._chars = [[" "] * width for _ in range(height)]
        self._roles = [[""] * width for _ in range(height)]

    def put(self, row: int, column: int, text: str, role: str) -> None:
        """Write a text from a cell to the right, cut at the edges."""
        if not 0 <= row < self.height:
            return
        chars, roles = self._chars[row], self._roles[row]
        for i, char in enumerate(text, column):
            if 0 <= i < self.width:
                chars[i], roles[i] = char, role

    def role(self, row: int, column: int) -> str:
        """What a cell within the grid has been given."""
        return self._roles[row][column]

    def picture(self) -> Picture:
        """The grid as it is now."""
        rows = zip(self._chars, self._roles, strict=True)
        return Picture(self.width, tuple(_spans(chars, roles) for chars, roles in rows))


def beside(left: Picture, right: Picture) -> Picture:
    """Two pictures of one height next to each other."""
    rows = zip(left.rows, right.rows, strict=True)
    return Picture(left.width + right.width, tuple(a + b for a, b in rows))


def above(top: Picture, bottom: Picture) -> Picture:
    """Two pictures of one width, one below the other."""
    return Picture(top.width, top.rows + bottom.rows)


def clipped(text: str, width: int, more: str = "…") -> str:
    """A text in at most `width` cells, its end replaced by `more` where it is longer."""
    if len(text) <= width:
        return text
    return text[: max(width - len(more), 0)] + more[: max(width, 0)]


def _spans(chars: list[str], roles: list[str]) -> Row:
    spans = []
    start = 0
    for role, group in groupby(roles):
        end = start + sum(1 for _ in group)
        spans.append(Span("".join(chars[start:end]), role))
        start = end
    return tuple(spans)
