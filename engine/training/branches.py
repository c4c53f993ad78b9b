"""Live experiments: every change of a running training starts a branch, and nothing is lost.

Nothing here changes in place; each function makes the next experiment of the one it is given.

A branch remembers its furthest run beside the one that is looked at. So stepping back loses
nothing: going on with the same problem walks the same numbers again, deterministically, and a
change there leaves the old branch as far as it ever was.

A branch's own history starts where it was left its parent, since what came before was trained
by another problem and cannot be replayed with this one. The steps up to there stay with it for
charts and comparisons, also when the parent is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.data.source import Table
from engine.training.problem import State
from engine.training.run import Run
from engine.training.step_columns import Steps

NAME_LIMIT = 60
BRANCH_LIMIT = 100
FIRST = "main"


class BranchError(ValueError):
    """Something that cannot be done with a branch: one line that says why."""


@dataclass(frozen=True, eq=False)
class Branch:
    """One way that an experiment went."""

    name: str
    run: Run
    """The run at the iteration that is looked at."""
    furthest: Run
    """The furthest it has been; the same as `run` except after going back."""
    parent: str | None = None
    """The branch that it left where its history starts; None for one from iteration 0."""
    inherited: Steps = field(default_factory=Steps)
    """The kept steps from iteration 0 to where it left its parent."""
    origin: State | None = None
    """The state before the inherited steps; None where there are none."""

    @cached_property
    def steps(self) -> Steps:
        """All kept steps from iteration 0 to the furthest, ascending."""
        return self.inherited + self.furthest.history.steps

    @property
    def start(self) -> State:
        """The state before the first of `steps`."""
        return self.origin or self.furthest.history.start


@dataclass(frozen=True, eq=False)
class Experiment:
    """Branches, one of which is current. There is always one."""

    branches: tuple[Branch, ...]
    current: int = 0

    @cached_property
    def branch(self) -> Branch:
        """The current branch of the experiment."""
        return self.branches[self.current]

    @cached_property
    def ghosts(self) -> tuple[Run, ...]:
        """The runs drawn behind the current one: the other branches, and its own furthest.

        Only those that learn from the same columns, in the same units.
        """
        here = self.branch
        left = () if here.furthest is here.run else (here.furthest,)
        columns = _columns(here.run)
        others = (branch.furthest for branch in self.branches if branch is not here)
        return left + tuple(run for run in others if _columns(run) == columns)

    @cached_property
    def twin(self) -> Branch | None:
        """The latest branch that learns from the same table in other units, if any does.

        One of the two is standardised, the other one not.
        """
        here = self.branch.run.problem.source
        for branch in reversed(self.branches):
            source = branch.run.problem.source
            if isinstance(source, Table) and isinstance(here, Table):
                alike = _unscaled(source) == _unscaled(here)
                if alike and source.standardise != here.standardise:
                    return branch
        return None

    def position(self, name: str) -> int:
        """The index of a branch in `branches`; raises BranchError where there is none."""
        for position, branch in enumerate(self.branches):
            if branch.name == name:
                return position
        raise BranchError(f"there is no branch {name!r}")


def experiment(run: Run) -> Experiment:
    """A new experiment with one branch."""
    return Experiment((Branch(FIRST, run, run),))


def replace_current(experiment: Experiment, run: Run) -> Experiment:
    """The current branch stands elsewhere, further on or back; of the same problem."""
    branch = experiment.branch
    if run.problem != branch.run.problem:
        raise BranchError("a changed problem needs a branch of its own")
    further = run.state.iteration >= branch.furthest.state.iteration
    moved = replace(branch, run=run, furthest=run if further else branch.furthest)
    return with_current(experiment, moved)


def switch(experiment: Experiment, name: str) -> Experiment:
    """Make another branch the current one; raises BranchError."""
    return replace(experiment, current=experiment.position(name))


def delete(experiment: Experiment, name: str) -> Experiment:
    """The experiment without a branch, its parent current after it; raises BranchError."""
    position = experiment.position(name)
    if len(experiment.branches) == 1:
        raise BranchError("the only branch cannot be deleted")
    gone = experiment.branches[position]
    after = gone.parent if experiment.branch is gone else experiment.branch.name
    rest = tuple(
        replace(branch, parent=None) if branch.parent == name else branch
        for branch in experiment.branches
        if branch is not gone
    )
    names = [branch.name for branch in rest]
    return Experiment(rest, names.index(after) if after in names else max(position - 1, 0))


def rename(experiment: Experiment, name: str, new: str) -> Experiment:
    """The experiment with a branch renamed; raises BranchError."""
    position, new = experiment.position(name), new.strip()
    if not new or len(new) > NAME_LIMIT or not new.isprintable():
        raise BranchError(f"a name needs 1 to {NAME_LIMIT} printable characters")
    if new != name and any(branch.name == new for branch in experiment.branches):
        raise BranchError(f"there is a branch {new!r} already")
    return replace(
        experiment,
        branches=tuple(
            replace(
                branch,
                name=new if at == position else branch.name,
                parent=new if branch.parent == name else branch.parent,
            )
            for at, branch in enumerate(experiment.branches)
        ),
    )


def _unscaled(table: Table) -> Table:
    return replace(table, means=(), scales=())


def _columns(run: Run) -> tuple[object, ...]:
    source = run.problem.source
    scaled = isinstance(source, Table) and source.standardise
    return type(source), source.target_name, source.feature_names, scaled


def with_current(experiment: Experiment, branch: Branch) -> Experiment:
    """The experiment with another branch instead of the current one."""
    position, branches = experiment.current, experiment.branches
    return replace(experiment, branches=(*branches[:position], branch, *branches[position + 1 :]))
