"""The trainer of the shared run: takes commands, works on a thread, and hands out states.

It carries out one command at a time; any other pauses it, so a key held down leaves no queue
behind. Each piece of work has a ticket: what comes of an earlier one is dropped. Whatever fails
or is stopped leaves the run as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import TYPE_CHECKING, Any

from textual.message import Message

from engine.data.source import Table, TableError
from engine.training.branches import Experiment, replace_current, switch
from engine.training.problem import Problem
from tui.kit.frame_rate import LOCAL
from tui.kit.text import reason
from tui.run.data_form import DataChoice
from tui.run.iteration import Spot
from tui.run.messages import (
    Command,
    ProblemPrepared,
    ReadingAdvanced,
    RunAdvanced,
    SessionLoaded,
    SessionTaken,
    TrainingFinished,
    looked_at,
)
from tui.run.only_looking import OnlyLooking
from tui.run.pace import other_pace
from tui.run.read_progress import Teller
from tui.run.state import Busy, RunState, with_stop

if TYPE_CHECKING:
    from tui.run.trainer_tasks import Devices, Make, MakeProgress, Training

EARLY_LIMIT = 100
"""So many commands wait for the run; of more the last ones."""
AT_TARGET = "at the target of {:,} iterations: g goes further, r starts anew"
NO_UNITS = "made points have no units to change: x is from 0 to 1"
ERRORS = (RuntimeError, ValueError, MemoryError)
"""What work on a thread may raise, and what becomes one line for the user."""


class Trainer:
    """Owned by the workbench; its methods are called on the UI thread.

    `show` takes every new state; `post` takes messages from any thread, and says whether anybody
    hears them; `start` runs a function on a thread of its own; `notify` shows a line (with
    `severity="error"` for a failure).
    """

    def __init__(
        self,
        problem: Problem,
        *,
        show: Callable[[RunState], object],
        post: Callable[[Message], bool],
        start: Callable[[Callable[[], None]], object],
        notify: Callable[..., object],
        pace: float | None = 50.0,
        frame_seconds: float = LOCAL.shortest,
        inside_is_shown: Callable[[], bool] = lambda: True,
    ) -> None:
        self.state = RunState(pace=pace)
        self.progress: MakeProgress = Teller
        """Makes what tells how much of a file is read."""
        self.devices: Devices | None = None
        """Returns the number of CUDA devices; None: as many as PyTorch finds."""
        self._first_problem = problem
        self._show, self._post, self._start, self._notify = show, post, start, notify
        self._frame_seconds = frame_seconds
        self._inside_is_shown = inside_is_shown
        self._cancel = Event()
        self._ticket = 0
        self._loaded: SessionLoaded | None = None
        self._refused: Callable[[TrainingFinished], object] | None = None
        """Who is told why data could not be read."""
        self._early: list[Command] = []
        """Typed before there was a run."""

    @property
    def problem(self) -> Problem:
        """The problem that is trained, or will be once it is prepared."""
        return self.state.run.problem if self.state.run else self._first_problem

    def change(self, **fields: Any) -> None:
        """Hand out the state with other values for some of its fields."""
        self.state = replace(self.state, **fields)
        self._show(self.state)

    def command(self, command: Command) -> None:
        """Carry out a key's command; while something runs, pause it instead.

        What is typed before there is a run waits for it; at the target it says why nothing moves.
        """
        run = self.state.run
        if run is None:
            self._early = [*self._early, command][-EARLY_LIMIT:]
        elif self._only_looking():
            self._early = []
        elif self.state.busy in ("preparing", "reading"):
            return
        elif self.state.busy:
            self.pause()
        elif command in ("run", "play") and run.state.iteration >= run.problem.target:
            self._notify(AT_TARGET.format(run.problem.target))
        elif command == "run":
            self._train("running", None)
        elif command == "play":
            self._train("playing", self.state.pace)
        else:
            self._work("stepping", _tasks().step(command))

    def go_to(self, iteration: int) -> None:
        """Train on or go back to where `iteration` iterations are done."""
        if self._only_looking() or self.state.busy:
            return
        if self.state.experiment is not None:
            self._work("going", _tasks().go_to(self.state.experiment.branch.furthest, iteration))

    def change_pace(self, by: int) -> None:
        """Play faster (`by` above 0) or slower, from now on."""
        self.change(pace=other_pace(self.state.pace, by))
        if self.state.busy == "playing":
            self._train("playing", self.state.pace)

    def close(self) -> None:
        """Have the thread stop after the current iteration: nobody takes its states any more."""
        self._cancel.set()

    def pause(self) -> bool:
        """Stop after the current iteration, or stop reading; whether there was anything to stop."""
        if self.state.busy == "reading":
            # At once, also where the file lets its reader wait.
            loaded = self._loaded
            _, ticket = self._begin("")
            if self.state.run is None and loaded is not None:
                self._look_at(loaded, ticket)
            else:
                self._notify("stopped reading; nothing has changed")
            return True
        runs = self.state.busy not in ("", "preparing") and not self._cancel.is_set()
        self._cancel.set()
        return runs

    def prepare(self, problem: Problem) -> None:
        """Start anew with a problem, whatever runs."""
        self._prepare(_tasks().beginning(problem))

    def change_problem(self, problem: Problem, *, anew: bool = False) -> None:
        """Go on with a changed problem, on a branch of its own where something would be lost.

        With `anew` from iteration 0, otherwise where the run stands if it can.
        """
        if self._only_looking():
            return
        if self.state.experiment is not None and self._may_change():
            self._prepare(_tasks().forked(self.state.experiment, problem, anew=anew))

    def change_units(self) -> None:
        """Standardise the features on a branch of their own, or go to the one that is there."""
        experiment = self.state.experiment
        if self._only_looking() or experiment is None or not self._may_change():
            return
        if not isinstance(experiment.branch.run.problem.source, Table):
            self._notify(NO_UNITS)
        elif experiment.twin is not None:
            self.change_experiment(switch(experiment, experiment.twin.name))
        else:
            self._prepare(_tasks().in_other_units(experiment, self.progress), "reading")

    def change_experiment(self, experiment: Experiment) -> None:
        """Go on with another branch, or with branches that were renamed or deleted."""
        if self._may_change():
            self._prepare(lambda *_: (experiment, ""), spared=(TableError,))

    def read_data(self, choice: DataChoice, refused: Callable[[str], object] | None = None) -> None:
        """Learn from a CSV file, on a branch of its own; `refused` is told why that failed."""
        if self.state.experiment is None:
            self._notify("torch is still being loaded; try again in a moment")
        else:
            self._prepare(_tasks().reading(choice, self.state.experiment, self.progress), "reading")
            self._refused = refused and (lambda message: refused(message.failure or ""))

    def find_data(self, path: Path, refused: Callable[[TrainingFinished], object]) -> None:
        """Read the lost data of the current branch in another file; `refused` is told why not."""
        if self.state.experiment is not None and self._may_change():
            self._prepare(_tasks().finding(path, self.state.experiment, self.progress), "reading")
            self._refused = refused

    def start_on(self, table: Table) -> None:
        """Start the current branch's problem anew on another table, on a branch of its own."""
        experiment = self.state.experiment
        if experiment is not None and self._may_change():
            problem = replace(experiment.branch.run.problem, source=table)
            self._prepare(_tasks().forked(experiment, problem))

    def load_session(self, loaded: SessionLoaded) -> None:
        """Go on with a saved experiment; `SessionTaken` is posted once it is prepared.

        What cannot be trained here, since its data or its device are not there, is looked at.
        """
        moved = _tasks().moved(loaded.session.experiment, self.devices)
        self._prepare(moved, loaded=loaded, spared=ERRORS)

    def advanced(self, message: RunAdvanced) -> None:
        """Take the run as it is now, from the thread."""
        if message.ticket == self._ticket and self.state.experiment is not None:
            self.change(
                experiment=replace_current(self.state.experiment, message.run),
                stops=with_stop(self.state.stops, message.run),
                inside=message.inside or self.state.inside,
            )

    def read_further(self, message: ReadingAdvanced) -> None:
        """Take the line about how much of a file is read, from the thread."""
        if message.ticket == self._ticket:
            self.change(busy="reading", reading=message.words)

    def prepared(self, message: ProblemPrepared) -> None:
        """Take an experiment whose data and theory are known, from the thread."""
        if message.ticket != self._ticket:
            return
        settings = {}
        if self._loaded is not None:
            session = self._loaded.session
            settings = {"breakpoints": session.breakpoints, "pace": session.pace}
            self._post(SessionTaken(self._loaded.path))
        self.change(
            facts=message.facts,
            experiment=(
                message.experiment
                if message.only_looking
                else replace_current(message.experiment, message.spot.run)
            ),
            only_looking=message.only_looking,
            inside=message.spot.inside,
            stops=with_stop(self.state.stops, message.spot.run),
            points=message.points,
            theories=message.theories,
            cursor=None,
            **settings,
        )
        if message.words:
            self._notify(message.words)

    def finished(self, message: TrainingFinished) -> None:
        """Do nothing from now on; show why where the work failed."""
        if message.ticket != self._ticket:
            return
        self.change(busy="", reading="")
        while self._early and self.state.run is not None and not self.state.busy:
            self.command(self._early.pop(0))
        refused, self._refused = self._refused, None
        if message.failure:
            if refused is not None:
                refused(message)
            else:
                self._notify(message.failure, severity="error")
            if self._ticket == 1:  # there is no run yet, and has to be one
                self.prepare(Problem())

    def _look_at(self, loaded: SessionLoaded, ticket: int) -> None:
        """Show the session that the app starts with, whose data are not to be read now."""
        experiment = loaded.session.experiment
        source = experiment.branch.run.problem.source
        lost = source if isinstance(source, Table) else None
        why = OnlyLooking("the reading of its data was stopped", lost)
        self.prepared(looked_at(experiment, why, self.state.facts, ticket))

    def _only_looking(self) -> bool:
        """Say why nothing moves, where the run can only be looked at."""
        looking = self.state.only_looking
        if looking is not None:
            self._notify(looking.line)
        return looking is not None

    def _may_change(self) -> bool:
        if self.state.busy == "reading":
            self._notify("wait until the data are read, or stop that with escape")
        return self.state.busy != "reading"

    def _begin(self, busy: Busy) -> tuple[Event, int]:
        """Drop whatever runs; the next work's cancel event and ticket."""
        self._cancel.set()
        self._cancel = Event()
        self._ticket += 1
        self._refused = None
        self.change(busy=busy, reading="")
        return self._cancel, self._ticket

    def _train(self, busy: Busy, pace: float | None) -> None:
        points, seconds = self.state.breakpoints, self._frame_seconds
        self._work(busy, _tasks().train(points, seconds, pace, self._inside_is_shown))

    def _work(self, busy: Busy, task: Training) -> None:
        if self.state.run is None:
            return
        here, (cancel, ticket) = Spot(self.state.run, self.state.inside), self._begin(busy)

        def work() -> None:
            try:
                for there in task(here, cancel):
                    if not self._post(RunAdvanced(there.run, there.inside, ticket)):
                        return  # the app is closing
            except ERRORS as error:
                self._post(TrainingFinished(ticket, f"training failed: {reason(error)}"))
            else:
                self._post(TrainingFinished(ticket))

        self._start(work)

    def _prepare(
        self,
        make: Make,
        busy: Busy = "preparing",
        loaded: SessionLoaded | None = None,
        spared: tuple[type[Exception], ...] = (),
    ) -> None:
        cancel, ticket = self._begin(busy)
        self._loaded = loaded

        def tell(words: str) -> None:
            self._post(ReadingAdvanced(words, ticket))

        def work() -> None:
            try:
                experiment, words = make(tell, cancel.is_set)
                known = _tasks().prepared(
                    experiment,
                    words,
                    ticket,
                    tell,
                    cancel.is_set,
                    self.progress,
                    self.devices,
                    spared,
                )
            except ERRORS as error:
                other = getattr(error, "table", None)
                self._post(TrainingFinished(ticket, reason(error), other))
            else:
                self._post(known)
                self._post(TrainingFinished(ticket))

        self._start(work)


def _tasks() -> ModuleType:
    """The door to torch: what is trained and prepared is in a module that loads it."""
    from tui.run import trainer_tasks

    return trainer_tasks
