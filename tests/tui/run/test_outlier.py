"""One made point that is moved, on a branch, so that the line is drawn to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.data.source import ProblemError, Synthetic
from engine.training.advance import advance, begin
from engine.training.branches import experiment
from engine.training.closed_form import theory
from engine.training.dataset import dataset, points
from engine.training.fork import fork
from engine.training.problem import Problem
from tui.chart.figures.draw import picture
from tui.chart.figures.kinds import Chart
from tui.chart.figures.scene import Scene
from tui.chart.figures.view import View
from tui.run.outlier import with_outlier

PROBLEM = Problem(Synthetic(points=20), learning_rate=0.1)


def moved(problem: Problem, by: int) -> Problem:
    source = with_outlier(problem.source, points(problem), by)
    assert source is not None
    return replace(problem, source=source)


def test_the_point_with_the_largest_x_is_moved_up_and_back() -> None:
    up = moved(moved(PROBLEM, 1), 1)
    before, after = dataset(PROBLEM), dataset(up)
    at = int(before.x.argmax())
    expected = before.y.clone()
    expected[at] += 2
    assert (after.y - expected).abs().max() == 0
    assert (after.x == before.x).all()
    assert moved(up, -2) == PROBLEM
    with pytest.raises(ProblemError, match="outlier must be from 0 to 19, not 20"):
        replace(PROBLEM, source=Synthetic(points=20, outlier=20)).check()


def test_the_line_goes_on_to_it_on_a_branch_of_that_name() -> None:
    *_, run = advance(begin(PROBLEM), 300)
    up = moved(PROBLEM, 5)
    branch = fork(experiment(run), up).branch
    assert isinstance(up.source, Synthetic)
    assert branch.name == f"point {up.source.outlier} moved +5"
    assert branch.run.state == run.state
    *_, later = advance(branch.run, 900)
    best = theory(up)
    assert best.w[0] > 3.5
    assert later.state.w[0] == pytest.approx(best.w[0], abs=0.1)
    back = fork(experiment(later), PROBLEM).branch
    assert (back.name, back.run.state) == ("no outlier", later.state)
    assert (
        fork(experiment(run), replace(PROBLEM, source=Synthetic(7))).branch.run.state.iteration == 0
    )


def test_the_fit_names_it() -> None:
    up = moved(PROBLEM, 5)
    scene = Scene(begin(up), points(up), theory(up))
    assert "moved by +5 ●" in picture(Chart.FIT, scene, View(80, 24)).text
    plain = Scene(begin(PROBLEM), points(PROBLEM), theory(PROBLEM))
    assert "moved" not in picture(Chart.FIT, plain, View(80, 24)).text


def test_many_points_and_those_of_a_file_stay() -> None:
    assert with_outlier(Synthetic(9000), points(Problem(Synthetic(9000))), 1) is None
