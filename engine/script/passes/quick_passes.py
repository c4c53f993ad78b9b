"""Passes that are like the one before: run by the same instruction, with no lines wanted.

Of a loop that makes hundreds of thousands of them, each is to cost little more than its scalars.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import CodeType, FrameType

from engine.autograd.quiet import quiet
from engine.autograd.shared_gradients import others_run
from engine.script.frames.loop_counters import Counted, LoopCounters, LoopPlace
from engine.script.passes.leaf_rows import LeafPlace
from engine.script.passes.pass_scalars import PassScalars
from engine.script.passes.unwritten_passes import PassRun

Known = tuple[
    CodeType,
    int,
    int,
    Counted,
    Sequence[LoopPlace],
    Sequence[LeafPlace],
    str | None,
    int,
]
"""What is known of passes of which a few numbers tell all.

The code and the instruction that run them, and how many frames away; the loop counters there and
in the frames around; the leaves; the name of the outermost loop counter, and where it is among
the numbers of a pass, 0 where there is none.
"""
_NOTHING: Known = (compile("", "", "exec"), -1, 1, (), (), (), None, 0)


class QuickPasses:
    """Knows the instruction that ran the pass before, and until which pass it may be quick.

    `allow` and `frame` are for what is called by a function that the one calls which runs passes.
    """

    def __init__(self, scalars: PassScalars | None) -> None:
        self._scalars = scalars
        self.until = 0
        """Passes of smaller numbers may be quick; none of them is thought to be the last."""
        self.known = _NOTHING
        """Of passes from the same place, where their few numbers tell all."""
        self.settle: Callable[[], None] = lambda: None
        """Has everybody know of the passes that were quick."""
        self.is_elsewhere = False
        """Whether a pass came from the site, but the loops around it were others."""
        self.are_shared = False
        """Whether several threads have run passes, and each may let go of what others have left."""
        self._site: tuple[CodeType, int, int] | None = None
        self._followed = 0
        """How many times leaves were found until those were that are known."""
        self._kept: tuple[LoopCounters, int] | None = None
        """What a pass has of numbers: the counters, and how many there are."""

    def allow(self, frame: FrameType | None, *, seen: bool = False) -> None:
        """Call it where a pass has been looked at in `frame`: those like it may be quick.

        Where calls are `seen`, there are more of them on the way to the pass than otherwise.
        """
        if frame is None:
            self._site, self.known = None, _NOTHING
            return
        if seen and self._site is not None and self._site[:2] == (frame.f_code, frame.f_lasti):
            if self._scalars is None or self._scalars.leaves.followed == self._followed:
                return
        else:
            depth, inner = 0, sys._getframe(1)
            while inner is not frame and inner.f_back is not None:
                depth, inner = depth + 1, inner.f_back
            self._site = frame.f_code, frame.f_lasti, depth
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
        if self.is_elsewhere:
            self._prepare(frame)
        return frame

    def kept_from(self, number: int) -> Callable[[list[float]], None]:
        """Return what keeps the passes from a number on by their numbers, one after the other."""
        assert self._scalars is not None and self._kept is not None
        run = PassRun(number, *self._kept)
        self._scalars.unwritten.add(run)
        return run.add

    def give_up(self, numbers: Sequence[float]) -> None:
        """Say what is known of a pass that has begun with these numbers, and was not kept."""
        if self._scalars is not None and self._kept is not None:
            self._scalars.began(numbers[0], self._kept[0].named(numbers[1:]))

    def _prepare(self, frame: FrameType) -> None:
        self.is_elsewhere = False
        self.known, scalars, site = _NOTHING, self._scalars, self._site
        if scalars is None or site is None or (self.are_shared and others_run()):
            return
        self._followed = scalars.leaves.followed
        found = scalars.quickly(frame)
        if found is None:
            return
        counters, small = found
        self._kept = counters, 1 + len(counters.names) + small.width
        code, instruction, depth = site
        with quiet():
            places = small.places()
        self.known = (
            code,
            instruction,
            depth - 2,
            counters.inner,
            counters.outer,
            places,
            counters.names[0] if counters.names else None,
            1 + counters.at[0] if counters.names else 0,
        )
