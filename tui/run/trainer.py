"""The trainer of the shared run: takes commands, works on a thread, and hands out states.

It carries out one command at a time; any other pauses it, and the last one waits for a step to be
made: a key held down leaves no queue behind. Each piece of work has a ticket: what comes of an
earlier one is dropped. Whatever fails or is stopped leaves the run as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.message import Message

from engine.data.source import TableError
from engine.training.branches import Experiment
from engine.training.problem import Problem
from tui.kit.frame_rate import LOCAL
from tui.run import next_state
from tui.run.frame_pace import FramePace
from tui.run.iteration import Spot
from tui.run.messages import (
    Command,
    ProblemPrepared,
    ReadingAdvanced,
    RunAdvanced,
    SessionLoaded,
    SessionTaken,
    TrainingFinished,
)
from tui.run.pace import other_pace
from tui.run.read_progress import Teller
from tui.run.right_of_way import RightOfWay
from tui.run.state import Busy, RunState
from tui.run.work import Work, tasks

if TYPE_CHECKING:
    from tui.run.trainer_tasks import Devices, Make, MakeProgress, Training

EARLY_LIMIT = 100
"""So many commands wait for the run; of more the last ones."""
AT_TARGET = "at the target of {:,} iterations: g goes further, r starts anew"


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
        self._show, self._post, self.notify = show, post, notify
        self._frame_seconds, self._frame_pace = frame_seconds, FramePace(frame_seconds)
        self._inside_is_shown = inside_is_shown
        self._way = RightOfWay()
        self._work = Work(post, start)
        self._loaded: SessionLoaded | None = None
        self._refused: Callable[[TrainingFinished], object] | None = None
        """Who is told why data could not be read."""
        self._early: list[Command] = []
        """Typed before there was the run that it is for."""
        self._wanted: int | None = None
        """Where to go once what is done just now is over."""

    @property
    def problem(self) -> Problem:
        """The problem that is trained, or will be once it is prepared."""
        return self.state.run.problem if self.state.run else self._first_problem

    def change(self, **fields: Any) -> None:
        """Hand out the state with other values for some of its fields."""
        self._hand_out(replace(self.state, **fields))

    def command(self, command: Command) -> None:
        """Carry out a key's command; while something plays or runs, pause it instead.

        What is typed before there is a run waits for it, and so does the last that is typed while
        another one is prepared or a step is made; at the target it says why nothing moves.
        """
        run = self.state.run
        if run is None:
            self._early = [*self._early, command][-EARLY_LIMIT:]
        elif self.only_looks():
            self._early = []
        elif self.state.busy in ("preparing", "stepping"):
            self._early = [command]
        elif self.state.busy == "reading":
            return
        elif self.state.busy:
            self.pause()
        elif command in ("run", "play") and run.state.iteration >= run.problem.target:
            self.notify(AT_TARGET.format(run.problem.target))
        elif command == "run":
            self._train("running", None)
        elif command == "play":
            self._train("playing", self.state.pace)
        else:
            self._begin_training("stepping", tasks().step(command))

    def go_to(self, iteration: int) -> None:
        """Train on or go back to where `iteration` iterations are done; what runs ends before."""
        experiment = self.state.experiment
        if self.only_looks() or experiment is None or not self.may_change():
            return
        if self.state.busy:
            self._wanted = iteration
            if self.state.busy != "preparing":
                self.pause()
            return
        task = tasks().go_to(experiment.branch.furthest, iteration, self._way)
        self._begin_training("going", task, self._frame_pace)

    def give_way(self) -> None:
        """A key is about to be answered: what trains flat out waits for a moment. On any thread."""
        self._way.take()

    def change_pace(self, by: int) -> None:
        """Play faster (`by` above 0) or slower, from now on."""
        self.change(pace=other_pace(self.state.pace, by))
        if self.state.busy == "playing":
            self._train("playing", self.state.pace)

    def make(
        self,
        make: Make,
        busy: Busy = "preparing",
        loaded: SessionLoaded | None = None,
        spared: tuple[type[Exception], ...] = (),
        refused: Callable[[TrainingFinished], object] | None = None,
    ) -> None:
        """Go on with another experiment, whatever runs; `refused` is told where none is made.

        After an error that is `spared` its current branch can only be looked at.
        """
        self._begin(busy)
        self._wanted = None
        self._loaded, self._refused = loaded, refused
        self._work.prepare(make, self.progress, self.devices, spared)

    def only_looks(self) -> bool:
        """Say why nothing moves, where the run can only be looked at; whether that is so."""
        looking = self.state.only_looking
        if looking is not None:
            self.notify(looking.line)
        return looking is not None

    def may_change(self) -> bool:
        """Say why the experiment cannot be changed, while data are read; whether it can."""
        if self.state.busy == "reading":
            self.notify("wait until the data are read, or stop that with escape")
        return self.state.busy != "reading"

    def close(self) -> None:
        """Have the thread stop after the current iteration: nobody takes its states any more."""
        self._work.stop()

    def pause(self) -> bool:
        """Stop after the current iteration, or stop reading; whether there was anything to stop."""
        if self.state.busy == "reading":
            # At once, also where the file lets its reader wait.
            loaded = self._loaded
            self._begin("")
            if self.state.run is None and loaded is not None:
                self.prepared(next_state.unread(self.state, loaded, self._work.ticket))
            else:
                self.notify("stopped reading; nothing has changed")
            return True
        if self.state.busy == "stepping":
            self._early = []
        runs = self.state.busy not in ("", "preparing") and self._work.goes_on
        self._work.stop()
        return runs

    def prepare(self, problem: Problem) -> None:
        """Start anew with a problem, whatever runs."""
        self.make(tasks().beginning(problem))

    def change_problem(self, problem: Problem, *, anew: bool = False) -> None:
        """Go on with a changed problem, on a branch of its own where something would be lost.

        With `anew` from iteration 0, otherwise where the run stands if it can.
        """
        experiment = self.state.experiment
        if not self.only_looks() and experiment is not None and self.may_change():
            self.make(tasks().forked(experiment, problem, anew=anew))

    def change_experiment(self, experiment: Experiment) -> None:
        """Go on with another branch, or with branches that were renamed or deleted."""
        if self.may_change():
            self.make(lambda *_: (experiment, ""), spared=(TableError,))

    def advanced(self, message: RunAdvanced) -> None:
        """Take the run as it is now, from the thread."""
        if message.ticket == self._work.ticket:
            self._frame_pace.shown()
            self._hand_out(next_state.advanced(self.state, message))

    def read_further(self, message: ReadingAdvanced) -> None:
        """Take the line about how much of a file is read, from the thread."""
        if message.ticket == self._work.ticket:
            self.change(busy="reading", reading=message.words)

    def prepared(self, message: ProblemPrepared) -> None:
        """Take an experiment whose data and theory are known, from the thread."""
        if message.ticket != self._work.ticket:
            return
        if self._loaded is not None:
            self._post(SessionTaken(self._loaded.path))
        self._hand_out(next_state.prepared(self.state, message, self._loaded))
        if message.words:
            self.notify(message.words)

    def finished(self, message: TrainingFinished) -> None:
        """Do nothing from now on; show why where the work failed."""
        if message.ticket != self._work.ticket:
            return
        self.change(busy="", reading="")
        if message.failure and self.state.run is not None:
            self._early = []  # it was for a run that there is not
        while self._early and self.state.run is not None and not self.state.busy:
            self.command(self._early.pop(0))
            if self._early and self.state.busy in ("running", "playing"):
                self.command(self._early.pop(0))  # which pauses, as it would later
        wanted, self._wanted = self._wanted, None
        if wanted is not None and not message.failure:
            self.go_to(wanted)
        refused, self._refused = self._refused, None
        if message.failure:
            if refused is not None:
                refused(message)
            else:
                self.notify(message.failure, severity="error")
            if self._work.first:  # there is no run yet, and has to be one
                self.prepare(Problem())

    def _hand_out(self, state: RunState) -> None:
        self.state = state
        self._show(state)

    def _begin(self, busy: Busy) -> None:
        """Drop whatever runs in the background."""
        self._work.begin()
        self._refused = None
        self.change(busy=busy, reading="")

    def _train(self, busy: Busy, pace: float | None) -> None:
        """To the target or a breakpoint; flat out the screen takes no more than its share."""
        flat_out = pace is None
        seconds = self._frame_pace.looks if flat_out else self._frame_seconds
        task = tasks().train(
            self.state.breakpoints, seconds, pace, self._inside_is_shown, self._way
        )
        self._begin_training(busy, task, self._frame_pace if flat_out else None)

    def _begin_training(self, busy: Busy, task: Training, pace: FramePace | None = None) -> None:
        if self.state.run is not None:
            here = Spot(self.state.run, self.state.inside)
            self._begin(busy)
            self._frame_pace.begin()
            self._work.train(task, here, pace)
