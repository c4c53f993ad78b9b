"""The shared run, and how another problem, another file or a session becomes what is trained.

Data may have to be read for that, which is told on the way and can be stopped. Whatever fails
or is stopped leaves everything as it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import Container
from textual.reactive import var

from engine.data.source import Table
from engine.sessions.session import Session
from engine.training.branches import Experiment, experiment
from engine.training.breakpoints import Breakpoint
from engine.training.points import Points
from engine.training.problem import Problem, Step
from engine.training.run import Cancelled, Run
from engine.training.theory import Theory
from tui.kit.text import reason
from tui.run.iteration import Inside
from tui.run.messages import (
    DataChosen,
    ExperimentChanged,
    ProblemChanged,
    ProblemPrepared,
    ReadingAdvanced,
    SessionLoaded,
    SessionTaken,
    TrainingFinished,
)
from tui.run.read_progress import found

if TYPE_CHECKING:
    from tui.run.tasks import Tell

    Make = Callable[[Tell, Cancelled], tuple[Experiment, str]]
    """Makes an experiment, in a worker, and what there is to say about it."""


class Preparing(Container):
    """Owns the run that the three tabs share; its reactives are handed down to them."""

    experiment: var[Experiment | None] = var(None)
    """All branches; `training` is the run of the current one."""
    training: var[Run | None] = var(None)
    theory: var[Theory | None] = var(None)
    points: var[Points | None] = var(None)
    inside: var[Inside | None] = var(None)
    pace: var[float | None] = var(50.0)
    facts: var[str] = var("loading torch …")
    """One line: version, device, dtype, threads."""
    breakpoints: var[tuple[Breakpoint, ...]] = var(())
    busy: var[str] = var("")
    """What is being done, as in `playing`; empty while nothing is."""
    reading: var[str] = var("")
    """How much of a file is read, in one line; empty while none is."""
    _ticket: var[int] = var(0)

    def __init__(self, problem: Problem, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._first_problem = problem
        self._cancel = threading.Event()
        self._loaded: SessionLoaded | None = None
        """The session that is being prepared."""

    @property
    def problem(self) -> Problem:
        """What is trained, or will be."""
        return self.training.problem if self.training else self._first_problem

    @property
    def way(self) -> Sequence[Step]:
        """What is kept of all iterations of the current branch."""
        return self.experiment.branch.way if self.experiment else ()

    def session(self) -> Session | None:
        """What there is to keep; None while there is nothing."""
        if self.experiment is None:
            return None

        return Session(self.experiment, self.breakpoints, self.pace)

    def prepare(self, problem: Problem) -> None:
        """Start anew with a problem, dropping whatever runs."""

        def make(*_: object) -> tuple[Experiment, str]:
            from engine.training.advance import begin

            source = problem.source
            return experiment(begin(problem)), found(source) if isinstance(source, Table) else ""

        self._change(make)

    def pause(self) -> bool:
        """Stop after the current iteration, or reading; whether anything was yet to stop."""
        if self.busy == "reading":
            self._stop_reading()
            return True
        runs = self.busy not in ("", "preparing") and not self._cancel.is_set()
        self._cancel.set()
        return runs

    @on(ProblemChanged)
    def _change_problem(self, message: ProblemChanged) -> None:
        message.stop()
        before = self.experiment
        if before is not None and self._may_change():
            from engine.training.fork import fork

            self._change(lambda *_: (fork(before, message.problem), ""))

    @on(ExperimentChanged)
    def _change_experiment(self, message: ExperimentChanged) -> None:
        message.stop()
        if self._may_change():
            self._change(lambda *_: (message.experiment, ""))

    @on(DataChosen)
    def _read_data(self, message: DataChosen) -> None:
        message.stop()
        before = self.experiment
        if before is None:
            self.app.notify("torch is still being loaded; try again in a moment")
        else:
            from tui.run import tasks

            self._change(tasks.reading(message.choice, before), "reading")

    @on(SessionLoaded)
    def _take_session(self, message: SessionLoaded) -> None:
        message.stop()

        def make(*_: object) -> tuple[Experiment, str]:
            from engine.training.device import moved_here

            return moved_here(message.session.experiment)

        self._change(make, loaded=message)

    def _may_change(self) -> bool:
        if self.busy == "reading":
            self.app.notify("wait until the data are read, or stop that with escape")
        return self.busy != "reading"

    def _change(
        self, make: Make, busy: str = "preparing", loaded: SessionLoaded | None = None
    ) -> None:
        self._new_order(busy)
        self._loaded = loaded
        self._prepare(make, self._cancel, self._ticket)

    def _new_order(self, busy: str) -> None:
        self._cancel.set()
        self._cancel = threading.Event()
        self._ticket += 1
        self.busy, self.reading = busy, ""

    def _stop_reading(self) -> None:
        """At once, also where the file lets its reader wait."""
        self._new_order("")
        self.app.notify("stopped reading; nothing has changed")

    @work(thread=True, group="training")
    def _prepare(self, make: Make, cancel: threading.Event, ticket: int) -> None:
        from tui.run import tasks

        def tell(words: str) -> None:
            self.post_message(ReadingAdvanced(words, ticket))

        try:
            experiment, words = make(tell, cancel.is_set)
            known = tasks.prepared(experiment, words, ticket, tell, cancel.is_set)
        except (RuntimeError, ValueError, MemoryError) as error:
            self.post_message(TrainingFinished(ticket, reason(error)))
        else:
            self.post_message(known)
            self.post_message(TrainingFinished(ticket))

    @on(ReadingAdvanced)
    def _show_reading(self, message: ReadingAdvanced) -> None:
        message.stop()
        if message.ticket == self._ticket:
            self.busy, self.reading = "reading", message.words

    @on(ProblemPrepared)
    def _take_problem(self, message: ProblemPrepared) -> None:
        message.stop()
        if message.ticket != self._ticket:
            return
        self.theory = self.points = None  # of the data before, which may have other columns
        self.facts, self.experiment = message.facts, message.experiment
        self.training, self.inside = message.spot
        self.points, self.theory = message.points, message.theory
        if self._loaded is not None:
            session = self._loaded.session
            self.breakpoints, self.pace = session.breakpoints, session.pace
            self.post_message(SessionTaken(self._loaded.path))
        if message.words:
            self.app.notify(message.words)

    @on(TrainingFinished)
    def _finish(self, message: TrainingFinished) -> None:
        message.stop()
        if message.ticket != self._ticket:
            return
        self.busy, self.reading = "", ""
        if message.failure:
            self.app.notify(message.failure, severity="error")
            if self._ticket == 1:  # there is no run yet, and has to be one
                self.prepare(Problem())
