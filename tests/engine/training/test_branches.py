from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

import pytest

from engine.data.source import ProblemError, Synthetic, Table
from engine.training.advance import advance, begin, goto
from engine.training.branches import (
    BRANCH_LIMIT,
    NAME_LIMIT,
    Branch,
    BranchError,
    Experiment,
    delete,
    experiment,
    rename,
    replace_current,
    switch,
)
from engine.training.changes import difference
from engine.training.closed_form import theory
from engine.training.comparison import comparison
from engine.training.dataset import start
from engine.training.descent import steps
from engine.training.fork import fork
from engine.training.history import LIMIT, History
from engine.training.problem import Problem, State, Step
from engine.training.run import Run
from engine.training.step_columns import Steps

PROBLEM = Problem(target=1000)


def at(iteration: int, problem: Problem = PROBLEM) -> Experiment:
    """An experiment whose one branch has done so many iterations."""
    return moved(experiment(begin(problem)), iteration)


def moved(here: Experiment, iteration: int) -> Experiment:
    """The current branch gone to an iteration."""
    *_, run = goto(here.branch.furthest, iteration)
    return replace_current(here, run)


def changed(here: Experiment, **changes: Any) -> Experiment:
    return fork(here, replace(here.branch.run.problem, **changes))


def names(here: Experiment) -> list[str]:
    return [branch.name for branch in here.branches]


def numbers(run: Run) -> tuple[object, ...]:
    """Everything of a run that can be compared."""
    return run.problem, run.history.start, run.history.steps, run.history.stride


def test_a_change_starts_a_branch_from_the_current_state() -> None:
    before = at(50)
    after = changed(before, learning_rate=0.1)
    assert names(after) == ["main", "learning rate 0.1"]
    assert after.branch.name == "learning rate 0.1"
    assert (after.branch.parent, after.branch.run.history.start.iteration) == ("main", 50)
    assert after.branch.run.state == before.branch.run.state
    assert after.branches[0] is not after.branch
    assert numbers(after.branches[0].run) == numbers(before.branch.run)


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 0.2},
        {"zeroing": False, "learning_rate": 1e-4},
        {"update": "data"},
        {"momentum": 0.9},
    ],
)
def test_a_branch_trains_on_as_a_loop_would_with_the_change(change: dict[str, Any]) -> None:
    here = moved(changed(at(50), **change), 80)
    state = next(islice(steps(PROBLEM, start(PROBLEM)), 49, None)).state
    expected = tuple(islice(steps(replace(PROBLEM, **change), state), 30))
    assert tuple(here.branch.run.history.steps) == expected


def test_without_momentum_a_branch_has_no_velocity() -> None:
    here = at(10, replace(PROBLEM, momentum=0.9))
    assert here.branch.run.state.w_velocity is not None
    assert changed(here, momentum=0.0).branch.run.state.w_velocity is None


@pytest.mark.parametrize(
    "change",
    [
        {"source": Synthetic(noise=0.5)},
        {"source": Synthetic(points=20)},
        {"start_w": (2.0,)},
        {"start_b": -1.0},
        {"dtype": "float64"},
    ],
)
def test_another_start_or_other_data_begin_at_iteration_0(change: dict[str, Any]) -> None:
    here = changed(at(50), **change)
    assert len(here.branches) == 2
    assert here.branch.run.history.start.iteration == 0
    assert here.branch.run.state == start(replace(PROBLEM, **change))
    assert not here.branch.steps
    assert here.branch.origin is None


def test_going_back_and_on_is_no_branch() -> None:
    here = moved(at(50), 20)
    assert here.branch.run.state.iteration == 20
    assert here.branch.furthest.state.iteration == 50
    assert [ghost.state.iteration for ghost in here.ghosts] == [50]
    on = moved(here, 60)
    assert names(on) == ["main"]
    assert on.ghosts == ()
    assert on.branch.run.history.steps == at(60).branch.run.history.steps


def test_a_change_after_going_back_leaves_the_branch_as_far_as_it_was() -> None:
    here = changed(moved(at(50), 20), learning_rate=0.1)
    assert here.branch.run.history.start.iteration == 20
    assert here.branches[0].run.state.iteration == 50
    assert [ghost.state.iteration for ghost in here.ghosts] == [50]
    assert switch(here, "main").branch.run.state.iteration == 50


def test_ghosts_learn_from_the_same_columns() -> None:
    noisy = changed(at(50), source=Synthetic(noise=0.5))
    assert len(noisy.ghosts) == 1
    assert changed(at(50), source=Synthetic(true_w=(1.0, 2.0))).ghosts == ()
    first, other = (Branch(name, *2 * (_of_table(name),)) for name in ("y", "z"))
    again = replace(first, name="again")
    assert Experiment((first, other, again)).ghosts == (again.run,)


def _of_table(target: str) -> Run:
    """Where w and b stand does not matter."""
    source = Table("points.csv", target, ("x",), 9, "fingerprint")
    return Run(replace(PROBLEM, source=source), History(State(0, (0.0,), 0.0)))


def test_a_branch_keeps_the_way_to_it_also_when_its_parent_is_deleted() -> None:
    here = moved(changed(moved(at(50), 20), learning_rate=0.1), 40)
    assert [step.iteration for step in here.branch.steps] == list(range(40))
    assert here.branch.origin == start(PROBLEM)
    again = moved(changed(here, momentum=0.5), 50)
    assert again.branch.origin == start(PROBLEM)
    assert [step.iteration for step in again.branch.steps] == list(range(50))
    alone = delete(here, "main")
    assert names(alone) == ["learning rate 0.1"]
    assert alone.branch.parent is None
    assert alone.branch.steps == here.branch.steps


def test_the_way_stays_bounded() -> None:
    here = at(10)
    long = Steps(islice(steps(PROBLEM, start(PROBLEM)), LIMIT))
    here = replace(here, branches=(replace(here.branch, inherited=long),))
    assert len(changed(here, learning_rate=0.1).branch.inherited) <= LIMIT


def test_another_target_is_no_branch() -> None:
    here = changed(moved(at(50), 20), target=70)
    assert names(here) == ["main"]
    assert here.branch.run.problem.target == here.branch.furthest.problem.target == 70
    assert here.branch.run.stop is None
    done = changed(at(1000), target=2000)
    assert done.branch.run is done.branch.furthest


def test_changes_before_the_first_iteration_of_a_branch_make_no_others() -> None:
    here = at(50)
    for rate in (0.02, 0.04, 0.08):
        here = changed(here, learning_rate=rate)
    assert names(here) == ["main", "learning rate 0.08"]
    assert here.branch.run.history.start.iteration == 50
    here = changed(here, source=Synthetic(seed=3))
    assert names(here) == ["main", "seed 3, learning rate 0.08"]
    assert here.branch.run.history.start.iteration == 0
    kept = changed(rename(here, here.branch.name, "mine"), learning_rate=0.5)
    assert names(kept) == ["main", "mine"]
    fresh = changed(at(0), learning_rate=0.5)
    assert names(fresh) == ["main"]
    assert fresh.branch.run.problem.learning_rate == 0.5


def test_names_are_different() -> None:
    here = at(10)
    for _ in range(3):
        here = moved(changed(switch(here, "main"), learning_rate=0.5), 20)
    assert names(here)[1:] == [
        "learning rate 0.5",
        "learning rate 0.5 (2)",
        "learning rate 0.5 (3)",
    ]


def test_a_problem_that_cannot_be_changes_nothing() -> None:
    with pytest.raises(ProblemError, match="learning rate must be above 0"):
        changed(at(10), learning_rate=-1.0)


def test_another_problem_is_not_taken_for_the_same_branch() -> None:
    with pytest.raises(BranchError, match="needs a branch of its own"):
        replace_current(at(10), begin(replace(PROBLEM, learning_rate=1.0)))


def test_branches_are_switched_renamed_and_deleted() -> None:
    here = moved(changed(at(10), learning_rate=0.1), 20)
    here = moved(changed(here, momentum=0.5), 30)
    assert (here.current, here.branch.parent) == (2, "learning rate 0.1")
    here = rename(here, "learning rate 0.1", " faster ")
    assert names(here) == ["main", "faster", "momentum 0.5"]
    assert here.branch.parent == "faster"
    assert delete(here, "momentum 0.5").branch.name == "faster"
    assert delete(here, "faster").branch.name == "momentum 0.5"
    assert delete(switch(here, "main"), "main").branch.name == "faster"


@pytest.mark.parametrize("name", ["", "  ", "a\x1bb", "x" * (NAME_LIMIT + 1), "other"])
def test_a_name_can_be_shown_and_is_free(name: str) -> None:
    here = rename(at(1), "main", "other")
    here = moved(changed(here, learning_rate=0.1), 2)
    with pytest.raises(BranchError):
        rename(here, here.branch.name, name)


def test_what_cannot_be_done_with_branches_is_said() -> None:
    with pytest.raises(BranchError, match="the only branch cannot be deleted"):
        delete(at(1), "main")
    with pytest.raises(BranchError, match="there is no branch 'none'"):
        switch(at(1), "none")
    full = at(1)
    many = tuple(replace(full.branch, name=str(i)) for i in range(BRANCH_LIMIT))
    with pytest.raises(BranchError, match="branches; delete one first"):
        changed(Experiment(many), learning_rate=0.1)


def near(step: Step) -> bool:
    """Whether w and b, of data with the optimum (3, 0.8), are within 1% of it."""
    return abs(step.w[0] - 3) <= 0.03 and abs(step.b - 0.8) <= 0.008


def test_the_comparison_says_when_each_branch_came_within_a_percent_of_the_optimum() -> None:
    here = moved(changed(at(100), learning_rate=0.5), 300)
    here = changed(moved(switch(here, "main"), 5000), learning_rate=1e-9)
    main, fast, slow = comparison(here, theory)
    whole = list(islice(steps(PROBLEM, start(PROBLEM)), 5000))
    exact = next(step.iteration for step in whole if near(step)) + 1
    assert (main.name, main.learning_rate) == ("main", 0.01)
    assert main.iterations is not None
    assert exact <= main.iterations < exact + here.branches[0].run.history.stride
    assert not main.exact, "a thinned history knows only at most"
    assert (main.w, main.b, main.loss) == (whole[-1].w, whole[-1].b, whole[-1].loss)
    assert fast.iterations is not None
    assert fast.exact
    assert 100 < fast.iterations < main.iterations
    assert slow.iterations == main.iterations, "inherited from main"
    assert comparison(at(100), theory)[0].iterations is None
    assert comparison(here, lambda _: None)[1].iterations is None, "the optimum is not known"


def test_another_start_makes_a_branch_that_begins_anew_where_it_is_wanted() -> None:
    here = fork(at(100), replace(PROBLEM, learning_rate=0.5), anew=True)
    assert (here.branch.run.state.iteration, len(here.branch.steps)) == (0, 0)
    assert here.branches[0].run.state.iteration == 100
    unbegun = fork(at(0), replace(PROBLEM, learning_rate=0.5), keep=True)
    assert [branch.name for branch in unbegun.branches] == ["main", "learning rate 0.5"]


def test_a_table_has_a_twin_in_other_units() -> None:
    table = Table("/data/points.csv", "y", ("x",), 3, "")
    scaled = replace(table, means=(2.0,), scales=(3.0,))
    first = experiment(Run(replace(PROBLEM, source=table), History(State(0, (0.0,), 0.0))))
    run = Run(replace(PROBLEM, source=scaled), History(State(0, (0.0,), 0.0)))
    both = Experiment((first.branch, Branch("other", run, run)))
    assert first.twin is None
    assert both.twin is not None
    assert both.twin.name == "other"
    assert at(1).twin is None
    assert difference(first.branch.run.problem, run.problem) == "standardise on"


def test_a_difference_is_said_in_few_words() -> None:
    other = replace(PROBLEM, zeroing=False, start_w=(1.0,), source=Synthetic(points=7))
    assert difference(PROBLEM, other) == "points 7, zeroing off, start w 1"
    table = Table("/data/points.csv", "y", ("x",), 3, "")
    assert difference(PROBLEM, replace(PROBLEM, source=table)) == "source points.csv"


def test_a_branch_on_a_file_has_a_name_that_can_be_shown_and_saved() -> None:
    table = Table("/data/a\x1b[2J\u202e.csv", "y", ("x",), 3, "")
    assert difference(PROBLEM, replace(PROBLEM, source=table)) == "source a�[2J�.csv"


def test_a_diverged_branch_stays_as_it_ended() -> None:
    *_, run = advance(begin(replace(PROBLEM, learning_rate=1.0)))
    here = changed(replace_current(experiment(begin(run.problem)), run), learning_rate=0.1)
    assert here.branches[0].run.stop is not None
    assert here.branches[0].run.stop.reason == "diverged"
    assert here.branch.run.stop is None
