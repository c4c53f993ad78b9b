"""A change of a running training starts a branch: where it starts, and what it is called."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, count

from engine.data.source import Synthetic
from engine.training.advance import begin
from engine.training.branches import (
    BRANCH_LIMIT,
    FIRST,
    NAME_LIMIT,
    Branch,
    BranchError,
    Experiment,
    with_current,
)
from engine.training.changes import difference
from engine.training.history import LIMIT, History
from engine.training.method_state import carried
from engine.training.problem import Problem
from engine.training.run import Run
from engine.training.step_columns import Steps

_RESTARTING = ("source", "dtype", "start_w", "start_b")
"""With another one of these a run has other numbers from its first iteration."""
_AUTOMATIC = NAME_LIMIT - 6
"""Characters in a name that is made, before its number."""


def fork(
    experiment: Experiment, problem: Problem, *, anew: bool = False, keep: bool = False
) -> Experiment:
    """Go on with a changed problem, on a new branch that becomes the current one.

    It starts from the current state; from iteration 0 with `anew`, and where the change is of the
    data, the dtype or the start. No branch is made where nothing would be lost: for another
    target, and unless `keep` says so while the current branch has not done an iteration. Raises
    ProblemError and BranchError.
    """
    problem.check()
    branch = experiment.branch
    if not _changed(branch.run.problem, problem):
        return with_current(experiment, _aimed(branch, problem))
    if not (keep or branch.furthest.history.steps):
        return with_current(experiment, _changed_in_place(experiment, problem, anew=anew))
    if len(experiment.branches) >= BRANCH_LIMIT:
        raise BranchError(f"there are {BRANCH_LIMIT} branches; delete one first")
    left = replace(branch, run=branch.furthest)
    name = _unused(experiment, difference(branch.run.problem, problem))
    new = _begun(replace(branch, name=name, parent=branch.name), problem, anew=anew)
    branches = (*with_current(experiment, left).branches, new)
    return Experiment(branches, len(branches) - 1)


def _changed(before: Problem, after: Problem) -> bool:
    """Whether its iterations are others."""
    return replace(before, target=after.target) != after


def _aimed(branch: Branch, problem: Problem) -> Branch:
    """The same branch with another target."""
    furthest = replace(branch.furthest, problem=problem, stop=None)
    alike = branch.run is branch.furthest
    run = furthest if alike else replace(branch.run, problem=problem, stop=None)
    return replace(branch, run=run, furthest=furthest)


def _changed_in_place(experiment: Experiment, problem: Problem, *, anew: bool) -> Branch:
    """The current branch, not yet begun, with another problem and, if it was given, name."""
    branch = experiment.branch
    new = _begun(branch, problem, anew=anew)
    if branch.parent is None:
        return new
    origin = experiment.branches[experiment.position(branch.parent)].run.problem
    if not branch.name.startswith(difference(origin, branch.run.problem)[:_AUTOMATIC]):
        return new
    return replace(new, name=_unused(experiment, difference(origin, problem)))


def _begun(branch: Branch, problem: Problem, *, anew: bool) -> Branch:
    """A branch before its first iteration, where another stands or from iteration 0."""
    old, state = branch.run.problem, branch.run.state
    if anew or _restarts(old, problem):
        run = begin(problem)
        return replace(branch, run=run, furthest=run, inherited=Steps(), origin=None)
    state = carried(old, problem, state)
    way = branch.inherited + branch.run.history.steps
    while len(way) > LIMIT:
        way = way[(len(way) - 1) % 2 :: 2]  # with the last one
    run, origin = Run(problem, History(state)), branch.origin or branch.run.history.start
    return replace(branch, run=run, furthest=run, inherited=way, origin=origin)


def _restarts(old: Problem, new: Problem) -> bool:
    """Whether the run begins again; towards a moved point the line goes on from where it is."""
    before, after = old.source, new.source
    if isinstance(before, Synthetic) and isinstance(after, Synthetic):
        moved = replace(before, outlier=after.outlier, outlier_by=after.outlier_by)
        old = replace(old, source=moved)
    return any(getattr(old, name) != getattr(new, name) for name in _RESTARTING)


def _unused(experiment: Experiment, name: str) -> str:
    name = name[:_AUTOMATIC] or FIRST
    taken = {branch.name for branch in experiment.branches}
    numbered = (f"{name} ({number})" for number in count(2))
    return next(free for free in chain([name], numbered) if free not in taken)
