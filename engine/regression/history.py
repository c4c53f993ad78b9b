"""A bounded memory of a run: thinned as it grows, exact at both ends, every entry a keyframe."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from engine.regression.problem import State, Step

LIMIT = 2048
"""At most this many thinned steps are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Steps whose iteration is a multiple of the stride, and always the latest."""

    start: State
    """Before iteration 0."""
    steps: tuple[Step, ...] = ()
    """Ascending; the last one is exact whatever the stride."""
    stride: int = 1

    @property
    def last(self) -> Step | None:
        """The latest finished iteration."""
        return self.steps[-1] if self.steps else None

    @property
    def state(self) -> State:
        """Where the run stands."""
        return self.steps[-1].state if self.steps else self.start

    def keyframe(self, iteration: int) -> State:
        """The latest kept state at which at most `iteration` iterations are done."""
        place = bisect.bisect_right(self.steps, iteration - 1, key=lambda step: step.iteration)
        return self.steps[place - 1].state if place else self.start

    def until(self, iteration: int) -> History:
        """This history as it was when `iteration` iterations were done, as far as kept."""
        place = bisect.bisect_right(self.steps, iteration - 1, key=lambda step: step.iteration)
        return History(self.start, self.steps[:place], self.stride)


class Recorder:
    """Adds steps to a history; the one mutable thing, owned by the loop that trains."""

    def __init__(self, history: History) -> None:
        self._start = history.start
        self._stride = history.stride
        self._kept = [s for s in history.steps if s.iteration % history.stride == 0]
        self._last = history.last

    def add(self, step: Step) -> None:
        """Keep a step, the next after the last one added."""
        self._last = step
        if step.iteration % self._stride == 0:
            self._kept.append(step)
            if len(self._kept) > LIMIT:
                self._stride *= 2
                self._kept = [s for s in self._kept if s.iteration % self._stride == 0]

    def snapshot(self) -> History:
        """The history so far."""
        kept: Sequence[Step] = self._kept
        if self._last is not None and (not kept or kept[-1] is not self._last):
            kept = [*kept, self._last]
        return History(self._start, tuple(kept), self._stride)
