"""Everything the tabs show of the shared run, in one record; what is shown of an earlier iteration.

The workbench holds one `RunState` in one reactive. A pane compares the fields of the state it
showed last with those of the new one, and draws what differs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from engine.sessions.session import Session
from engine.training.branches import Experiment
from engine.training.breakpoints import Breakpoint
from engine.training.convergence import aimed
from engine.training.points import Points
from engine.training.problem import Step
from engine.training.run import MARKED, Run
from engine.training.theory import Theory
from tui.run.iteration import Inside
from tui.run.only_looking import OnlyLooking
from tui.run.theories import NOTHING_KNOWN, Theories
from tui.script.nothing_yet import LOADING

Busy = Literal["", "preparing", "reading", "stepping", "going", "playing", "running"]
"""What the trainer is doing; empty while it does nothing."""


@dataclass(frozen=True, eq=False)
class RunState:
    """The shared run at one moment: what is trained, where it stands, and what is being done."""

    experiment: Experiment | None = None
    """All branches; None until torch is there and the first problem is prepared."""
    theories: Theories = NOTHING_KNOWN
    """What is known of the problems of the branches."""
    points: Points | None = None
    """A sample of the current problem's data."""
    only_looking: OnlyLooking | None = None
    """Why the current branch can only be looked at; None where it can be trained."""
    inside: Inside | None = None
    """The iteration that is looked into, and how far."""
    cursor: int | None = None
    """After how many iterations the run is looked at; None: where it stands."""
    pace: float | None = 50.0
    """Iterations a second while playing; None: as fast as possible."""
    busy: Busy = ""
    reading: str = ""
    """How much of a file is read, in one line; empty while none is."""
    breakpoints: tuple[Breakpoint, ...] = ()
    stops: frozenset[int] = frozenset()
    """After how many iterations the run has met breakpoints or diverged, up to where it stands."""
    facts: str = LOADING
    """One line: torch's version, device, dtype, threads."""

    @cached_property
    def run(self) -> Run | None:
        """The current branch's run, where it stands."""
        return self.experiment.branch.run if self.experiment else None

    @cached_property
    def theory(self) -> Theory | None:
        """Return what is known of the current branch's problem; None while there is none."""
        known = self.theories.of(self.run.problem) if self.run else None
        return aimed(known, self.experiment.branch.start) if known and self.experiment else None

    @property
    def kept_steps(self) -> Sequence[Step]:
        """What is kept of all iterations of the current branch, ascending."""
        return self.experiment.branch.steps if self.experiment else ()

    def session(self) -> Session | None:
        """What a session file keeps; None while there is nothing to keep."""
        if self.experiment is None:
            return None
        return Session(self.experiment, self.breakpoints, self.pace)


def same_picture(before: RunState, state: RunState) -> bool:
    """Whether two states look the same in a chart, whatever else is going on."""
    shown = ("experiment", "theories", "points", "stops", "cursor")
    return all(getattr(before, name) is getattr(state, name) for name in shown)


def with_stop(stops: frozenset[int], run: Run) -> frozenset[int]:
    """The stops up to where a run stands, with the one that it has just met, if it is marked."""
    done = run.state.iteration
    met = {done} if run.stop and run.stop.reason in MARKED else set()
    return frozenset(stop for stop in stops if stop <= done) | met


def moved_cursor(run: Run, cursor: int | None, by: int) -> int:
    """The cursor `by` kept iterations further, from where the run stands if there is none yet."""
    start, kept = run.history.start.iteration, run.history.steps.iterations
    here = run.state.iteration if cursor is None else cursor
    position = min(max(bisect_right(kept, here - 1) + by, 0), len(kept))
    return kept[position - 1] + 1 if position else start


def at_cursor(run: Run, cursor: int | None) -> Run:
    """The run as it was after `cursor` iterations, as far as it is kept; itself for None."""
    if cursor is None:
        return run
    return replace(run, history=run.history.until(cursor), stop=None)
