"""Room on Python's stack for what looks at a script, beyond the script's own recursion limit.

A script that recurses as deep as it may is looked at there, too. It sees the limit that it would
see without us, and reaches as deep.
"""

from __future__ import annotations

import contextlib
import sys
from functools import wraps
from sys import gettrace
from typing import Any

ROOM = 500
"""Calls that looking at a line may take: an import in the middle of it takes some hundred."""
MARGIN = 20
"""Calls that are made while it is taken away."""
COUNTS_C_CALLS = sys.version_info < (3, 12)
"""Whether the call of `exec` that runs the script counts as one of them."""


class RecursionRoom:
    """The script's own limit, and what is added to it while a window is open."""

    def __init__(self) -> None:
        self._limit = sys.getrecursionlimit()
        self._below = 0
        """How many calls of ours run the script."""
        self._room = 0
        self._set = sys.setrecursionlimit

    def begin(self) -> None:
        """From here on, where the caller is about to run the script, count its own calls alone."""
        frame = sys._getframe(1)
        self._below = 1 + COUNTS_C_CALLS
        while frame.f_back is not None:
            frame, self._below = frame.f_back, self._below + 1
        host: Any = sys

        @wraps(sys.getrecursionlimit)
        def getrecursionlimit() -> int:
            return self._limit

        @wraps(sys.setrecursionlimit)
        def setrecursionlimit(limit: int, /) -> None:
            if gettrace() is None:  # Python traces no more where the script went too deep
                self._room = 0
            self._set(limit + self._below + self._room)
            self._limit = limit

        host.getrecursionlimit, host.setrecursionlimit = getrecursionlimit, setrecursionlimit
        self._set(self._limit + self._below)

    def make(self) -> None:
        """Add the room to the limit."""
        self._give(ROOM)

    def end(self) -> None:
        """Take the room away again."""
        self._give(0)

    def check(self) -> None:
        """Refuse the call that has just begun where Python would have without the room."""
        try:
            sys._getframe(self._limit + self._below - COUNTS_C_CALLS + 2)
        except ValueError:
            return
        raise RecursionError("maximum recursion depth exceeded")

    def can_end(self) -> bool:
        """Whether it can be taken away, which it cannot where the script is as deep as it may."""
        try:
            self._set(self._limit + self._below - MARGIN)
        except RecursionError:
            return False
        self._give(self._room)
        return True

    def _give(self, room: int) -> None:
        if self._below:
            self._room = room
            with contextlib.suppress(RecursionError):  # so deep that it cannot be taken away now
                self._set(self._limit + self._below + room)
