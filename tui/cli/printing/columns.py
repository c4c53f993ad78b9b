"""How wide the columns of a table are where there is not room for all of them."""

from __future__ import annotations

from collections.abc import Sequence


def shares(wanted: Sequence[int], room: int) -> list[int]:
    """Return the cells of every column, together at most `room`: what it wants, if there is room.

    Else the narrow ones get what they want, and the wide ones equally many cells.
    """
    cells = [0] * len(wanted)
    for left, (want, at) in zip(
        range(len(wanted), 0, -1), sorted((w, i) for i, w in enumerate(wanted)), strict=True
    ):
        # Of cells that cannot be shared out evenly, the columns that come later get one more.
        cells[at] = max(0, min(want, room // left))
        room -= cells[at]
    return cells
