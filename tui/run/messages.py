"""What workers and panes tell each other: in the past tense, and cumulative."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textual.message import Message

from engine.data.source import Table
from engine.sessions.session import Session
from engine.training.branches import Experiment
from engine.training.breakpoints import Breakpoint
from engine.training.points import Points
from engine.training.problem import Problem
from engine.training.run import Run
from tui.run.iteration import Inside, Spot
from tui.run.only_looking import OnlyLooking
from tui.run.theories import NOTHING_KNOWN, Theories


class RunMessage(Message):
    """Posted to the workbench, which gives it to the trainer of the shared run."""


@dataclass
class ProblemPrepared(RunMessage):
    """The current branch of an experiment has its data, its theory, and where it stands."""

    experiment: Experiment
    spot: Spot
    theories: Theories
    """Of the current problem, and of others that were cheap to solve."""
    points: Points | None
    facts: str
    ticket: int
    words: str = ""
    """What there is to say about it."""
    only_looking: OnlyLooking | None = None
    """Why it has no data and no theory, and can only be looked at."""


def looked_at(
    experiment: Experiment, why: OnlyLooking, facts: str, ticket: int, words: str = ""
) -> ProblemPrepared:
    """What is told of an experiment whose current branch can only be looked at."""
    spot = Spot(experiment.branch.run, None)
    return ProblemPrepared(experiment, spot, NOTHING_KNOWN, None, facts, ticket, words, why)


@dataclass
class ReadingAdvanced(RunMessage):
    """More of a file has been read."""

    words: str
    """How far, in one line."""
    ticket: int

    def can_replace(self, message: Message) -> bool:
        """Replace an earlier word of how far the reading was."""
        return isinstance(message, ReadingAdvanced)


@dataclass
class RunAdvanced(RunMessage):
    """Training has got further, or back."""

    run: Run
    inside: Inside | None
    """The iteration to look into; None: as before."""
    ticket: int
    """Of the work that it comes from; what comes of earlier work is dropped."""

    def can_replace(self, message: Message) -> bool:
        """Any earlier frame: this one holds all that it held."""
        return isinstance(message, RunAdvanced)


@dataclass
class TrainingFinished(RunMessage):
    """Work on the thread has ended, or has failed with a reason."""

    ticket: int
    failure: str | None = None
    other: Table | None = None
    """What was read where other data were looked for."""


Command = Literal["next", "previous", "node", "node back", "finish", "run", "play", "reset"]
"""What the keys can ask of training; `run` and `play` also pause."""


@dataclass
class CommandGiven(RunMessage):
    """A key has asked something of the shared run."""

    command: Command


@dataclass
class IterationWanted(RunMessage):
    """The shared run is to go forward or back to where so many iterations are done."""

    iteration: int


@dataclass
class ProblemChanged(RunMessage):
    """The shared run is to go on, or where its data change to start anew, with another problem."""

    problem: Problem
    anew: bool = False
    """Whether it starts anew in any case."""


@dataclass
class UnitsChanged(RunMessage):
    """The features are to be standardised, or no longer so, on a branch of their own."""


@dataclass
class ExperimentChanged(RunMessage):
    """Another branch is to be the current one, or branches have other names or are gone."""

    experiment: Experiment


@dataclass
class SessionLoaded(RunMessage):
    """A saved experiment is to be gone on with."""

    session: Session
    path: Path | None
    """Its file, if it is to be kept there."""


@dataclass
class SessionTaken(Message):
    """A session is what is trained from now on."""

    path: Path | None


@dataclass
class BreakpointsChanged(RunMessage):
    """These are the conditions that stop a run from now on."""

    breakpoints: tuple[Breakpoint, ...]


@dataclass
class PaceChanged(RunMessage):
    """Play is to be faster or slower by so many steps of `PACES`."""

    by: int


@dataclass
class CursorMoved(RunMessage):
    """Another kept iteration is to be looked at, so many on; None: where the run stands."""

    by: int | None


@dataclass
class IterationSeen(Message):
    """The iteration at the cursor has been looked into."""

    run: Run
    """As it was there."""
    inside: Inside | None

    def can_replace(self, message: Message) -> bool:
        """Replace an iteration that was asked for before this one."""
        return isinstance(message, IterationSeen)
