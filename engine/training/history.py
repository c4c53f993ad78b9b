"""A bounded memory of a run: thinned as it grows, exact at both ends, every entry a keyframe."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from engine.training.problem import State, Step
from engine.training.step_columns import Steps, flat

LIMIT = 2048
"""Most thinned steps that a history keeps."""
OCTAVE = 32
"""So many steps are kept at least of each doubling of the iterations that are done."""


def grain(done: int, stride: int) -> int:
    """The multiples of which are kept after `done` iterations: the stride, before it divisors.

    A run turns most where it begins, and would have a kink there where it is thinned as elsewhere.
    """
    return min(stride, 1 << max((done // OCTAVE).bit_length() - 1, 0))


@dataclass(frozen=True, eq=False)
class History:
    """Steps whose iteration is a multiple of the stride, some more at first, and the latest."""

    start: State
    """The state before the run's first iteration."""
    steps: Steps = field(default_factory=Steps)
    """Ascending; the last one is exact whatever the stride."""
    stride: int = 1

    @cached_property
    def last(self) -> Step | None:
        """The latest finished iteration; None before the first."""
        return self.steps[-1] if self.steps else None

    @cached_property
    def state(self) -> State:
        """The state after the latest iteration."""
        last = self.last
        return last.state if last else self.start

    @property
    def even_losses(self) -> Sequence[float]:
        """The losses of iterations that are all a stride apart."""
        numbered = zip(self.steps.iterations, self.steps.losses, strict=True)
        return [loss for iteration, loss in numbered if iteration % self.stride == 0]

    def keyframe(self, iteration: int) -> State:
        """The latest kept state at which at most `iteration` iterations are done."""
        step = self.step(iteration)
        return step.state if step else self.start

    def step(self, iteration: int) -> Step | None:
        """The latest kept step of the first `iteration`; None before the first kept one."""
        position = self._done(iteration)
        return self.steps[position - 1] if position else None

    def until(self, iteration: int) -> History:
        """This history as it was when `iteration` iterations were done, as far as kept."""
        return History(self.start, self.steps[: self._done(iteration)], self.stride)

    def keeps(self, iteration: int) -> bool:
        """Whether an iteration is among those that are kept, also where it is not the latest."""
        return _keeps(iteration, self.start.iteration, self.stride)

    def _done(self, iteration: int) -> int:
        return bisect.bisect_right(self.steps.iterations, iteration - 1)


class Recorder:
    """Adds steps to a history; the one mutable thing, owned by the loop that trains."""

    def __init__(self, history: History) -> None:
        self._start = history.start
        self._stride = history.stride
        self._last = history.last
        self._first = history.start.iteration
        self._kept = history.steps[:]
        if self._last is not None and not history.keeps(self._last.iteration):
            self._kept = history.steps[:-1]

    def add(self, step: Step) -> None:
        """Keep a step, the next after the last one added."""
        self._last = step
        if self._keeps(step.iteration):
            self._kept = _grown(self._kept, step)
            if len(self._kept) > LIMIT:
                self._stride *= 2
                self._kept = self._kept.where([*map(self._keeps, self._kept.iterations)])

    def snapshot(self) -> History:
        """An immutable copy of the history recorded so far."""
        kept = self._kept[:]
        if self._last is not None and not self._keeps(self._last.iteration):
            kept = _grown(kept, self._last)
        return History(self._start, kept, self._stride)

    def _keeps(self, iteration: int) -> bool:
        return _keeps(iteration, self._first, self._stride)


def _keeps(iteration: int, first: int, stride: int) -> bool:
    if iteration % stride == 0:
        return True
    done = iteration - first
    return done < stride * OCTAVE and iteration % grain(done, stride) == 0


def _grown(steps: Steps, step: Step) -> Steps:
    """Steps that nobody else has, with one more."""
    if not steps:
        return Steps([step])
    for column, number in zip(steps.columns, flat(step), strict=True):
        column.append(number)
    return steps
