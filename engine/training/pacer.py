"""When to show a frame and when to do the next iteration, by an injected clock."""

from __future__ import annotations

from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds from any origin, never going back."""
Wait = Callable[[float], object]
"""Waits for so many seconds or until it is interrupted, like `threading.Event.wait`."""


class Pacer:
    """Keeps one running loop at its pace; owned by that loop."""

    def __init__(self, frame_seconds: float, pace: float | None, clock: Clock, wait: Wait) -> None:
        """`pace` in iterations a second; None for flat out."""
        self._frame_seconds = frame_seconds
        self._interval = 1 / pace if pace else 0.0
        self._clock, self._wait = clock, wait
        self._began = self._due = clock()
        self._next_frame = self._began + frame_seconds

    def wait(self) -> None:
        """Return when the next iteration is due; late ones are not made up for."""
        if not self._interval:
            return
        now = self._clock()
        if self._due > now:
            self._wait(self._due - now)
        self._due = max(self._due, now) + self._interval

    def frame_due(self) -> bool:
        """Whether to show a frame now: it is time, or will be before the next iteration."""
        now = self._clock()
        ahead = self._interval and self._due > max(now, self._next_frame)
        if now < self._next_frame and not ahead:
            return False
        self._next_frame = now + self._frame_seconds
        return True

    def rate(self, iterations: int) -> float | None:
        """Iterations a second since the start; None before any time has passed."""
        seconds = self._clock() - self._began
        return iterations / seconds if seconds > 0 else None
