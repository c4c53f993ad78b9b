"""In which line each node of a graph was made: autograd numbers nodes as they are made.

So a node that nobody saw being made, as by a custom Function, is placed by its number.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable

import torch

next_sequence_number: Callable[[], int] = torch._C._autograd._get_sequence_nr
"""What autograd will number the next node with, on this thread."""
LIMIT = 100_000
"""Most lines that are kept, the newest ones."""


class NodeLines:
    """The lines of a window, by the numbers of the nodes that they made."""

    def __init__(self) -> None:
        self._begun: list[tuple[int, int, int]] = []

    def begin(self, line: int, file: int) -> bool:
        """Nodes made from now on are made by this line; returns whether the one before made any."""
        begun = self._begun
        number = next_sequence_number()
        idle = bool(begun) and begun[-1][0] == number
        if idle:
            begun.pop()
        elif len(begun) == LIMIT:
            del begun[: LIMIT // 2]
        begun.append((number, line, file))
        return not idle

    @property
    def first(self) -> int:
        """Nodes of smaller numbers were made before the first line began."""
        return self._begun[0][0] if self._begun else 0

    def line_of(self, number: int) -> tuple[int | None, int]:
        """The line and the file in which the node of a number was made; None where unknown."""
        at = bisect.bisect_right(self._begun, number, key=lambda begun: begun[0]) - 1
        return self._begun[at][1:] if at >= 0 else (None, 0)
