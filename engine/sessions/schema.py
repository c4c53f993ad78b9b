"""A session as plain values, and everything that must hold of one before it is believed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from engine.data.source import ProblemError
from engine.sessions.json_records import PlainError, from_plain, to_plain
from engine.sessions.session import Session
from engine.training.branches import BRANCH_LIMIT, NAME_LIMIT, Branch, Experiment
from engine.training.breakpoints import Breakpoint, BreakpointError, parse
from engine.training.history import LIMIT, History
from engine.training.problem import State
from engine.training.run import Run
from engine.training.step_columns import Steps

BREAKPOINT_LIMIT = 1000
"""Most breakpoints in a session."""


@dataclass(frozen=True, slots=True)
class BranchEntry:
    """A branch, its furthest run left out where it is the run itself."""

    name: str
    run: Run
    furthest: Run | None
    parent: str | None
    inherited: Steps
    origin: State | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A session as it stands in its file."""

    branches: tuple[BranchEntry, ...]
    current: int
    breakpoints: tuple[Breakpoint, ...] = ()
    pace: float | None = None


def plain_session(session: Session) -> Any:
    """A session as plain values for JSON; raises PlainError where it could not be loaded."""
    document = Document(
        branches=tuple(map(_entry, session.experiment.branches)),
        current=session.experiment.current,
        breakpoints=session.breakpoints,
        pace=session.pace,
    )
    _check(document)
    return to_plain(document)


def read_session(plain: object) -> Session:
    """The session that plain values mean; raises PlainError."""
    if isinstance(plain, dict):  # earlier programs wrote settings that nothing ever read
        plain = {name: value for name, value in plain.items() if name != "settings"}
    document = from_plain(Document, plain)
    _check(document)
    return Session(
        Experiment(tuple(map(_branch, document.branches)), document.current),
        document.breakpoints,
        document.pace,
    )


def _entry(branch: Branch) -> BranchEntry:
    furthest = None if branch.furthest is branch.run else branch.furthest
    return BranchEntry(
        branch.name, branch.run, furthest, branch.parent, branch.inherited, branch.origin
    )


def _branch(entry: BranchEntry) -> Branch:
    furthest = entry.furthest or entry.run
    return Branch(entry.name, entry.run, furthest, entry.parent, entry.inherited, entry.origin)


def _check(document: Document) -> None:
    names = [branch.name for branch in document.branches]
    _hold(1 <= len(names) <= BRANCH_LIMIT, f"1 to {BRANCH_LIMIT} branches")
    _hold(len(set(names)) == len(names), "branches of different names")
    _hold(0 <= document.current < len(names), "a current branch")
    for branch in document.branches:
        shown = f"branch {branch.name[:NAME_LIMIT]!a}"
        _hold(branch.name.isprintable() and 0 < len(branch.name) <= NAME_LIMIT, "names to show")
        _hold(branch.parent is None or branch.parent in names, f"the parent of {shown}")
        _check_branch(branch, shown)
    _check_settings(document)


def _check_settings(document: Document) -> None:
    pace = document.pace
    _hold(pace is None or (math.isfinite(pace) and pace > 0), "a pace above 0")
    count = len(document.breakpoints)
    _hold(count <= BREAKPOINT_LIMIT, f"at most {BREAKPOINT_LIMIT} breakpoints")
    try:
        for breakpoint_ in document.breakpoints:
            parse(breakpoint_.code)
    except BreakpointError as error:
        raise PlainError(str(error)) from error


def _check_branch(entry: BranchEntry, where: str) -> None:
    run, furthest = entry.run, entry.furthest or entry.run
    try:
        run.problem.check()
    except ProblemError as error:
        raise PlainError(f"{where}: {error}") from error
    _hold(furthest.problem == run.problem, f"one problem in {where}")
    start = run.history.start.iteration
    _hold(furthest.history.start.iteration == start, f"one start in {where}")
    _hold(run.state.iteration <= furthest.state.iteration, f"the furthest run of {where}")
    features = run.problem.features
    for one in (run, furthest):
        _check_history(one.history, features, where)
    inherited = entry.inherited
    _hold(len(inherited) <= LIMIT, f"at most {LIMIT} inherited steps in {where}")
    _hold(_ascending(0, inherited, start), f"inherited steps in their order in {where}")
    _check_widths(inherited, entry.origin, features, where)


def _check_history(history: History, features: int, where: str) -> None:
    steps, stride = history.steps, history.stride
    _hold(len(steps) <= LIMIT + 1, f"at most {LIMIT + 1} steps in {where}")
    _hold(stride >= 1, f"a stride from 1 in {where}")
    _hold(_ascending(history.start.iteration, steps), f"steps in their order in {where}")
    _hold(all(map(history.keeps, steps.iterations[:-1])), f"steps {stride} apart in {where}")
    _check_widths(steps, history.start, features, where)


def _check_widths(steps: Steps, start: State | None, features: int, where: str) -> None:
    widths = {steps.features} if steps else set()
    if start is not None:
        rows = (start.w, start.w_grad, start.w_velocity, start.w_square)
        widths |= {len(w) for w in rows if w is not None}
        pairs = (
            (start.w_grad, start.b_grad),
            (start.w_velocity, start.b_velocity),
            (start.w_square, start.b_square),
        )
        whole = all((w is None) == (b is None) for w, b in pairs)
        _hold(whole, f"gradients and velocities for both w and b in {where}")
    _hold(widths <= {features}, f"{features} w everywhere in {where}")


def _ascending(first: int, steps: Steps, end: int | None = None) -> bool:
    """Whether iterations grow, from at least `first` to below `end`."""
    iterations = [first - 1, *steps.iterations]
    if end is not None:
        iterations.append(end)
    return first >= 0 and all(a < b for a, b in pairwise(iterations))


def _hold(true: bool, what: str) -> None:
    if not true:
        raise PlainError(f"a session needs {what}")
