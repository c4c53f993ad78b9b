"""When the next frame of something that moves may be drawn, so that it stays cheap."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

FORGET = 0.5
"""How much of the estimate a cheaper frame replaces."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a live drawing may use."""

    share: float = 0.05
    """The part of one core's time that drawing may take, from 0 to 1."""
    bytes_per_second: float | None = None
    """None: as many as it likes."""
    shortest: float = 0.125
    """Seconds between frames, however cheap they are."""
    longest: float = 2.0
    """Seconds between frames, however dear they are."""


LOCAL = Budget()
"""With labels, keys and messages below a tenth of a core."""
REMOTE = Budget(bytes_per_second=14_000.0, shortest=0.2)
"""Below 20 kB a second, with room for labels and keys."""


class FrameRate:
    """Spaces frames by what they have cost: a jump is believed at once, a fall by and by."""

    def __init__(self, budget: Budget, clock: Callable[[], float]) -> None:
        """`clock` in seconds, never going back."""
        self._budget, self._clock = budget, clock
        self._seconds = self._bytes = 0.0
        self._began: float | None = None

    @property
    def interval(self) -> float:
        """Seconds from one frame to the next."""
        budget = self._budget
        needed = self._seconds / budget.share
        if budget.bytes_per_second is not None:
            needed = max(needed, self._bytes / budget.bytes_per_second)
        return min(max(needed, budget.shortest), budget.longest)

    def wait(self, patience: float = math.inf) -> float:
        """Seconds until a frame is due, at most `patience` after the last was begun; 0 for now."""
        if self._began is None:
            return 0.0
        return max(self._began + min(self.interval, patience) - self._clock(), 0.0)

    def begin(self) -> None:
        """Note the time at which a frame is begun to be drawn."""
        self._began = self._clock()

    def learn(self, seconds: float, size: int) -> None:
        """What the last frame has cost: seconds of work, and bytes."""
        self._seconds = _learnt(self._seconds, seconds)
        self._bytes = _learnt(self._bytes, size)


def _learnt(estimate: float, measured: float) -> float:
    return measured if measured > estimate else estimate + FORGET * (measured - estimate)
