"""Ending a script in the middle: when nobody waits for it any more, or it has run too many lines.

It is looked before each line, and never in the middle of one.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.recording.journal import Journal
from engine.recording.records import Ending


class Stopped(BaseException):
    """Raised inside the script to end it; not an Exception, so that scripts let it through."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending: Ending = ending


class Stops:
    """Knows when to end it: when it is `cancelled`, or so many moments are recorded."""

    def __init__(
        self, journal: Journal, limit: int | None, cancelled: Callable[[], bool] | None
    ) -> None:
        self._journal = journal
        self._limit = limit
        self._cancelled = cancelled

    def check(self) -> None:
        """Raise Stopped where the script is to end."""
        if self._cancelled is not None and self._cancelled():
            raise Stopped("cancelled")
        if self._limit is not None and self._journal.moment_count >= self._limit:
            raise Stopped("bound")
