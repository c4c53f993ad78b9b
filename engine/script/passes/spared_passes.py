"""Which passes need not be looked at: of those before the first that must be, few numbers do."""

from __future__ import annotations

from collections.abc import Sequence
from types import FrameType

import torch

from engine.recording.pass_plan import Plan
from engine.script.passes.last_pass import LastPass
from engine.script.passes.pass_scalars import searched_at
from engine.script.passes.quick_passes import QuickPasses
from engine.script.passes.taken_scalars import TakenScalars
from engine.script.passes.windows import Windows


class SparedPasses:
    """Lets passes be quick, up to the first that must be looked at, whatever it is like."""

    def __init__(
        self,
        plan: Plan,
        windows: Windows,
        quick: QuickPasses,
        last: LastPass,
        scalars: TakenScalars,
        *,
        none: bool,
    ) -> None:
        """With `none` every pass is to be looked at."""
        self._plan = plan
        self._windows = windows
        self._quick = quick
        self._last = last
        self._scalars = scalars
        self.are_none = none
        """Whether every pass is to be looked at."""
        if not none:
            windows.closed = self.spare

    def spare(self, searched: int | None = None) -> None:
        """Find that pass from now on.

        New leaves were `searched` for in those before the one of that number.
        """
        number = self._windows.count
        spared = self._last.spared_from(number)
        search = searched_at(number if searched is None else searched)
        self._quick.until = min(self._windows.quiet_until, search, spared)

    def search(self, number: int, roots: Sequence[torch.Tensor], frame: FrameType | None) -> None:
        """Look for new leaves of a pass that is about to run; without any it may be quick."""
        windows = self._windows
        if frame is None or self.are_none or windows.is_running:
            return
        wanted = min(windows.quiet_until, self._last.spared_from(number))
        if number < wanted and self._scalars.find_none(roots, frame):
            self.spare(searched=number + 1)

    def after(self, number: int, frame: FrameType | None) -> None:
        """A pass has ended of which only scalars are taken."""
        self._scalars.after(number, frame, {})
        self.go_on(number, frame)

    def go_on(self, number: int, frame: FrameType | None) -> None:
        """One has ended whose scalars are taken; the next one may be looked at."""
        left = self._last.left_at(number)
        if left == 0 or left == 1 or self._plan.wants(number + 1):
            self._quick.settle()
            self._windows.count = number
            self._windows.begin_pass()
            self._windows.after_pass(frame, asked=False, left=left)
        else:
            self._windows.count = number + 1
        self.spare()
