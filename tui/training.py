"""The shared run: takes orders, trains in a thread worker, and publishes what comes of it.

There is one order at a time. While one is carried out any other pauses it, so a key held down
leaves no queue behind.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import ClassVar

from textual import on, work
from textual.containers import Container
from textual.reactive import var
from textual.worker import get_current_worker

from engine.regression.breakpoints import Breakpoint
from engine.regression.points import Points
from engine.regression.problem import Problem
from engine.regression.run import Run, advance, begin
from engine.regression.theory import Theory, theory
from tui import iterating
from tui.iterating import Inside, Spot
from tui.messages import (
    BreakpointsChanged,
    IterationWanted,
    Order,
    PaceChanged,
    ProblemChanged,
    ProblemPrepared,
    RunAdvanced,
    TrainingFinished,
    TrainingOrdered,
)

PACES: tuple[float | None, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, None)
"""Iterations a second; None is flat out."""
FRAME_SECONDS = 0.1
"""Between two frames while a run goes on."""

Act = Callable[[Spot, threading.Event], Iterator[Spot]]


class Training(Container):
    """Owns the run that the three tabs share; its reactives are handed down to them."""

    training: var[Run | None] = var(None)
    theory: var[Theory | None] = var(None)
    points: var[Points | None] = var(None)
    inside: var[Inside | None] = var(None)
    pace: var[float | None] = var(50.0)
    breakpoints: var[tuple[Breakpoint, ...]] = var(())
    busy: var[str] = var("")
    """What is being done, as in `playing`; empty while nothing is."""
    _ticket: var[int] = var(0)

    STEPS: ClassVar[dict[Order, Callable[[Spot], Spot]]] = {
        "next": iterating.next_iteration,
        "finish": iterating.next_iteration,
        "previous": iterating.previous_iteration,
        "node": iterating.next_node,
        "node back": iterating.previous_node,
    }

    def __init__(self, problem: Problem, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.problem = problem
        self._cancel = threading.Event()

    def prepare(self, problem: Problem) -> None:
        """Start anew with a problem, dropping whatever runs."""
        self.problem = problem
        self._new_order("preparing")
        self._prepare(problem, self._ticket)

    def pause(self) -> None:
        """Stop after the current iteration; nothing where nothing runs."""
        self._cancel.set()

    @on(ProblemChanged)
    def _change_problem(self, message: ProblemChanged) -> None:
        message.stop()
        self.prepare(message.problem)

    @on(PaceChanged)
    def _change_pace(self, message: PaceChanged) -> None:
        message.stop()
        place = min(max(PACES.index(self.pace) + message.by, 0), len(PACES) - 1)
        self.pace = PACES[place]
        if self.busy == "playing":
            self._begin("playing", self._going(self.pace))

    @on(TrainingOrdered)
    def _obey(self, message: TrainingOrdered) -> None:
        message.stop()
        order = message.order
        if self.training is None or self.busy == "preparing":
            return
        if order == "reset":
            self.prepare(self.training.problem)
        elif self.busy:
            self.pause()
        elif order == "run":
            self._begin("running", self._going())
        elif order == "play":
            self._begin("playing", self._going(self.pace))
        else:
            step = self.STEPS[order]
            self._begin("stepping", lambda here, _: iter([step(here)]))

    @on(IterationWanted)
    def _go_to(self, message: IterationWanted) -> None:
        message.stop()
        if self.training is None or self.busy:
            return
        if message.iteration > self.training.state.iteration:
            self._begin("running", self._going(until=message.iteration, stops=False))
        else:
            to = iterating.going_back(message.iteration)
            self._begin("going back", lambda here, _: iter([to(here)]))

    @on(BreakpointsChanged)
    def _take_breakpoints(self, message: BreakpointsChanged) -> None:
        message.stop()
        self.breakpoints = message.breakpoints

    def _going(
        self, pace: float | None = None, until: int | None = None, *, stops: bool = True
    ) -> Act:
        breakpoints = self.breakpoints if stops else ()

        def go(here: Spot, cancel: threading.Event) -> Iterator[Spot]:
            frames = advance(
                here.run,
                until,
                breakpoints=breakpoints,
                frame_seconds=FRAME_SECONDS,
                pace=pace,
                cancelled=cancel.is_set,
                wait=cancel.wait,
            )
            return iterating.watched(frames)

        return go

    def _new_order(self, busy: str) -> None:
        self._cancel.set()
        self._cancel = threading.Event()
        self._ticket += 1
        self.busy = busy

    def _begin(self, busy: str, act: Act) -> None:
        if self.training is not None:
            self._new_order(busy)
            here = Spot(self.training, self.inside)
            self._work(act, here, self._cancel, self._ticket)

    @work(thread=True, group="training")
    def _work(self, act: Act, here: Spot, cancel: threading.Event, ticket: int) -> None:
        worker = get_current_worker()
        try:
            for there in act(here, cancel):
                if worker.is_cancelled:
                    return
                self.post_message(RunAdvanced(there.run, there.inside, ticket))
        except (RuntimeError, ValueError, MemoryError) as error:
            self.post_message(TrainingFinished(ticket, f"training failed: {error}"))
        else:
            self.post_message(TrainingFinished(ticket))

    @work(thread=True, group="training")
    def _prepare(self, problem: Problem, ticket: int) -> None:
        from engine.regression.data import points

        try:
            here = iterating.spot(begin(problem))
            known = ProblemPrepared(here, theory(problem), points(problem), ticket)
        except (RuntimeError, ValueError, MemoryError) as error:
            self.post_message(TrainingFinished(ticket, str(error)))
        else:
            self.post_message(known)
            self.post_message(TrainingFinished(ticket))

    @on(ProblemPrepared)
    def _take_problem(self, message: ProblemPrepared) -> None:
        message.stop()
        if message.ticket == self._ticket:
            self.theory, self.points = message.theory, message.points
            self.training, self.inside = message.spot

    @on(RunAdvanced)
    def _take_run(self, message: RunAdvanced) -> None:
        message.stop()
        if message.ticket == self._ticket:
            self.training = message.run
            if message.inside is not None:
                self.inside = message.inside

    @on(TrainingFinished)
    def _finish(self, message: TrainingFinished) -> None:
        message.stop()
        if message.ticket != self._ticket:
            return
        self.busy = ""
        if message.failure:
            self.app.notify(message.failure, severity="error", markup=False)
