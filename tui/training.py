"""The shared run: takes orders, trains in a thread worker, and publishes what comes of it.

There is one order at a time. While one is carried out any other pauses it, so a key held down
leaves no queue behind.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import Container
from textual.reactive import var
from textual.worker import get_current_worker

from tui.messages import (
    BreakpointsChanged,
    ExperimentChanged,
    IterationWanted,
    PaceChanged,
    ProblemChanged,
    ProblemPrepared,
    RunAdvanced,
    SessionLoaded,
    TrainingFinished,
    TrainingOrdered,
)

if TYPE_CHECKING:
    from engine.regression.branches import Experiment
    from engine.regression.breakpoints import Breakpoint
    from engine.regression.points import Points
    from engine.regression.problem import Problem, Step
    from engine.regression.run import Run
    from engine.regression.theory import Theory
    from engine.sessions.session import Session
    from tui.iterating import Inside, Spot
    from tui.orders import Act

PACES: tuple[float | None, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, None)
"""Iterations a second; None is flat out."""
FRAME_SECONDS = 0.1
"""Between two frames while a run goes on."""


class Training(Container):
    """Owns the run that the three tabs share; its reactives are handed down to them."""

    experiment: var[Experiment | None] = var(None)
    """All branches; `training` is the run of the current one."""
    training: var[Run | None] = var(None)
    theory: var[Theory | None] = var(None)
    points: var[Points | None] = var(None)
    inside: var[Inside | None] = var(None)
    pace: var[float | None] = var(50.0)
    frame_seconds = FRAME_SECONDS
    """Between two frames while a run goes on; more where the line to the terminal is slow."""
    facts: var[str] = var("loading torch …")
    """One line: version, device, dtype, threads."""
    breakpoints: var[tuple[Breakpoint, ...]] = var(())
    busy: var[str] = var("")
    """What is being done, as in `playing`; empty while nothing is."""
    _ticket: var[int] = var(0)

    def __init__(self, problem: Problem, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._first_problem = problem
        self._cancel = threading.Event()

    @property
    def problem(self) -> Problem:
        """What is trained, or will be."""
        return self.training.problem if self.training else self._first_problem

    @property
    def way(self) -> tuple[Step, ...]:
        """What is kept of all iterations of the current branch."""
        return self.experiment.branch.way if self.experiment else ()

    def session(self) -> Session | None:
        """What there is to keep; None while there is nothing."""
        if self.experiment is None:
            return None
        from engine.sessions.session import Session

        return Session(self.experiment, self.breakpoints, self.pace)

    def prepare(self, problem: Problem) -> None:
        """Start anew with a problem, dropping whatever runs."""

        def make() -> Experiment:
            from engine.regression.branches import experiment
            from engine.regression.run import begin

            return experiment(begin(problem))

        self._change(make)

    def pause(self) -> bool:
        """Stop after the current iteration; whether anything ran that was not yet to stop."""
        runs = self.busy not in ("", "preparing") and not self._cancel.is_set()
        self._cancel.set()
        return runs

    @on(ProblemChanged)
    def _change_problem(self, message: ProblemChanged) -> None:
        message.stop()
        before = self.experiment
        if before is not None:
            from engine.regression.branches import fork

            self._change(lambda: fork(before, message.problem))

    @on(SessionLoaded)
    def _take_session(self, message: SessionLoaded) -> None:
        message.stop()
        session = message.session
        self.breakpoints, self.pace = session.breakpoints, session.pace
        self._change(lambda: session.experiment)

    @on(ExperimentChanged)
    def _change_experiment(self, message: ExperimentChanged) -> None:
        message.stop()
        self._change(lambda: message.experiment)

    def _change(self, make: Callable[[], Experiment]) -> None:
        self._new_order("preparing")
        self._prepare(make, self._ticket)

    @on(PaceChanged)
    def _change_pace(self, message: PaceChanged) -> None:
        message.stop()
        self.pace = other_pace(self.pace, message.by)
        if self.busy == "playing":
            self._train("playing", self.pace)

    @on(TrainingOrdered)
    def _obey(self, message: TrainingOrdered) -> None:
        message.stop()
        order = message.order
        if self.training is None or self.busy == "preparing":
            return
        if self.busy:
            self.pause()
        elif order == "run":
            self._train("running", None)
        elif order == "play":
            self._train("playing", self.pace)
        else:
            from tui import orders

            self._begin("stepping", orders.step(order))

    @on(IterationWanted)
    def _go_to(self, message: IterationWanted) -> None:
        message.stop()
        if self.experiment is not None and not self.busy:
            from tui import orders

            furthest = self.experiment.branch.furthest
            self._begin("going", orders.go_to(furthest, message.iteration))

    @on(BreakpointsChanged)
    def _take_breakpoints(self, message: BreakpointsChanged) -> None:
        message.stop()
        self.breakpoints = message.breakpoints

    def _train(self, busy: str, pace: float | None) -> None:
        from tui import orders

        self._begin(busy, orders.train(self.breakpoints, self.frame_seconds, pace))

    def _new_order(self, busy: str) -> None:
        self._cancel.set()
        self._cancel = threading.Event()
        self._ticket += 1
        self.busy = busy

    def _begin(self, busy: str, act: Act) -> None:
        if self.training is not None:
            from tui.iterating import Spot

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
    def _prepare(self, make: Callable[[], Experiment], ticket: int) -> None:
        from tui import orders

        try:
            known = orders.prepared(make(), ticket)
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
            self.facts = message.facts
            self.experiment = message.experiment
            self.training, self.inside = message.spot

    @on(RunAdvanced)
    def _take_run(self, message: RunAdvanced) -> None:
        message.stop()
        if message.ticket == self._ticket and self.experiment is not None:
            from engine.regression.branches import replace_current

            self.experiment = replace_current(self.experiment, message.run)
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


def other_pace(pace: float | None, by: int) -> float | None:
    """The next faster pace (`by` above 0) or slower one; itself where there is none."""

    def speed(pace: float | None) -> float:
        return math.inf if pace is None else pace

    if by > 0:
        return next((other for other in PACES if speed(other) > speed(pace)), pace)
    return next((other for other in reversed(PACES) if speed(other) < speed(pace)), pace)
