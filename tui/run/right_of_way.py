"""Keys before training: a thread that trains lets the screen's have Python's lock for an answer."""

from __future__ import annotations

import time
from collections.abc import Callable

ANSWER = 0.04
"""Seconds that training waits after a key: most are answered by then."""
REST = 0.04
"""Seconds until it waits again, so that a key which is held down does not stop it."""
LOOK = 0.002
"""Seconds between two looks whether it may go on."""


class RightOfWay:
    """`take` is for the thread that reads keys, `around` for the one that trains."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._is_taken = False
        self._until = -REST

    def take(self) -> None:
        """A key has come: training waits for a moment, unless it just has."""
        now = self._clock()
        if now >= self._until + REST:
            self._until = now + ANSWER
            self._is_taken = True

    def around(self, stopped: Callable[[], bool]) -> Callable[[], bool]:
        """Ask as `stopped` does whether to stop, and wait while a key has the way."""

        def ask() -> bool:
            if self._is_taken:
                self._wait(stopped)
            return stopped()

        return ask

    def _wait(self, stopped: Callable[[], bool]) -> None:
        while self._clock() < self._until and not stopped():
            self._sleep(LOOK)
        self._is_taken = False
