"""How often a run that goes flat out is shown: its thread and the screen's share one lock."""

from __future__ import annotations

import time
from collections.abc import Callable

from tui.kit.frame_rate import Budget, FrameRate

SHARE = 0.03
"""The part of one core's time that the screen may take from training."""
LONGEST = 0.4
"""Seconds between two frames at most: numbers are still seen to move."""
OFTENER = 0.4
"""A thread looks so many times the shortest time between frames whether one is due."""


class FramePace:
    """Spaces frames by what the screen's thread has worked since the one before.

    `due` is for the thread that trains, all else for that of the screen. `cpu` returns the
    seconds that the thread which calls it has worked.
    """

    def __init__(
        self,
        shortest: float,
        clock: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.thread_time,
    ) -> None:
        self.looks = OFTENER * shortest
        """Seconds from one look to the next whether a frame is due."""
        self._rate = FrameRate(Budget(SHARE, shortest=shortest, longest=LONGEST), clock)
        self._cpu = cpu
        self._worked: float | None = None

    def due(self) -> bool:
        """Whether to hand out a frame now."""
        if self._rate.wait() > 0:
            return False
        self._rate.begin()
        return True

    def begin(self) -> None:
        """Forget what was worked before the run."""
        self._worked = None

    def shown(self) -> None:
        """Learn what the frame before has cost, with all that was painted since."""
        worked = self._cpu()
        if self._worked is not None:
            self._rate.learn(worked - self._worked, 0)
        self._worked = worked
