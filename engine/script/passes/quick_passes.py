"""Passes that are like the one before: run by the same instruction, with no lines wanted.

Of a loop that makes hundreds of thousands of them, each is to cost little more than its scalars.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import FrameType

from engine.script.frames.loop_counters import LoopCounters
from engine.script.passes.last_pass import LastPass
from engine.script.passes.pass_scalars import PassScalars
from engine.script.passes.quick_numbers import Begin, End, Site, beginning, ending


class QuickPasses:
    """Knows the instruction that ran the pass before, and until which pass it may be quick.

    `allow` is for what is called by the function that torch calls to run a pass, the rest is for
    that one itself.
    """

    def __init__(self, last: LastPass, scalars: PassScalars | None) -> None:
        self._last = last
        self._scalars = scalars
        self.until = 0
        """Passes of smaller numbers may be quick; none of them is thought to be the last."""
        self.begin: Begin = _begins_none
        """Where it gives numbers, and `end` keeps them, nothing else is done for the pass."""
        self.end: End = lambda number, numbers: False
        self._site: Site | None = None
        self._counters: LoopCounters | None = None
        self._is_elsewhere = False
        """Whether a pass came from the site, but the loops around it were others."""

    def allow(self, frame: FrameType | None, until: int) -> None:
        """Call it where a pass has been seen in `frame`: those like it are quick before `until`."""
        self.until = until if frame is not None else 0
        if frame is None or not until:
            return
        depth, inner = 0, sys._getframe(1)
        while inner is not frame and inner.f_back is not None:
            depth, inner = depth + 1, inner.f_back
        self._site = Site(frame.f_code, frame.f_lasti, depth)
        self._prepare(frame)

    def frame(self) -> FrameType | None:
        """Return the frame that runs a pass, where it is like the one before."""
        if self._site is None:
            return None
        code, instruction, depth = self._site
        try:
            frame = sys._getframe(depth)
        except ValueError:
            return None
        if frame.f_code is not code or frame.f_lasti != instruction:
            return None
        if self._is_elsewhere:
            self._prepare(frame)
        return frame

    def give_up(self, numbers: Sequence[float]) -> None:
        """Say what is known of a pass that `begin` gave these numbers of and `end` did not keep."""
        if self._scalars is not None and self._counters is not None:
            self._scalars.began(numbers[0], self._counters.named(numbers[1:]))

    def _prepare(self, frame: FrameType) -> None:
        self._is_elsewhere = False
        self.begin, scalars, site = _begins_none, self._scalars, self._site
        found = None if scalars is None else scalars.quickly(frame)
        if found is not None and scalars is not None and site is not None:
            self._counters, leaves = found
            self.begin = beginning(site, self._counters, self._elsewhere)
            self.end = ending(scalars, self._last, self._counters, leaves)

    def _elsewhere(self) -> None:
        self._is_elsewhere = True


def _begins_none(roots: object) -> None:
    return None
