from __future__ import annotations

import re
from dataclasses import replace

import pytest

from engine.data.source import Synthetic, Table
from engine.training.density import Density, Grid
from engine.training.history import History
from engine.training.problem import Problem, State
from engine.training.run import Run
from tests.tui.chart.figures.examples import cells, found, frame, points, scene
from tui.chart.figures.draw import picture
from tui.chart.figures.fit import wanted
from tui.chart.figures.kinds import Chart
from tui.chart.figures.scene import Scene
from tui.chart.figures.view import View, Window

VIEW = View(80, 24, truth=False)


def at(view: View, x: float, y: float) -> tuple[int, int]:
    """The cell of a point in fractions of the axes."""
    left, top, width, height = frame(view)
    return top + height - 1 - min(int(y * height), height - 1), left + min(
        int(x * width), width - 1
    )


def standing(w: float, b: float) -> Run:
    return Run(Problem(Synthetic(points=3)), History(State(0, (w,), b)))


def test_points_are_red_in_the_cells_where_they_belong() -> None:
    known = Scene(standing(0.0, 5.0), points((0.0, 0.5, 1.0), (0.0, 2.0, 4.0)))
    drawn = picture(Chart.FIT, known, replace(VIEW, height=24))
    low_high = {at(VIEW, 0, 0), at(VIEW, 0.5, 2 / 5), at(VIEW, 1, 4 / 5)}
    assert found(drawn, "point") == low_high


def test_the_line_goes_from_edge_to_edge_through_the_cells_of_its_equation() -> None:
    drawn = picture(Chart.FIT, Scene(standing(4.0, 0.0), points((0.0, 1.0), (0.0, 4.0))), VIEW)
    line = found(drawn, "line") | found(drawn, "point")
    left, _, width, _ = frame(VIEW)
    assert {column for _, column in line} == set(range(left, left + width))
    for row, column in line:
        x = (column - left + 0.5) / width
        assert abs(at(VIEW, x, x)[0] - row) <= 1


def test_a_line_outside_the_frame_is_pointed_at() -> None:
    run = replace(scene().run, history=History(State(0, (0.5,), 0.0)))
    far = replace(
        run, history=replace(run.history, steps=scene(rate=5.0, steps=20).run.history.steps)
    )
    drawn = picture(Chart.FIT, replace(scene(), run=far), VIEW)
    assert re.search(r"[▲▼] the line is far (above|below): \S+e\+\d+·x", drawn.text)
    assert len({row for row, _ in found(drawn, "line")}) == 1
    narrow = picture(Chart.FIT, replace(scene(), run=far), View(30, 12, truth=False))
    assert "the line is far" in narrow.text


def test_every_point_is_seen_on_a_line_that_goes_through_them_all() -> None:
    xs = tuple(i / 49 for i in range(50))
    known = Scene(standing(3.0, 0.8), points(xs, tuple(3 * x + 0.8 for x in xs)))
    drawn = picture(Chart.FIT, known, VIEW)
    assert sum(cells(drawn)[y][x][0] == "•" for y, x in found(drawn, "point")) == 50
    assert len(found(drawn, "line")) >= 15


@pytest.mark.parametrize("count", [150, 3000])
def test_a_line_through_a_crowd_and_the_crowd_are_both_seen(count: int) -> None:
    xs = tuple(i / (count - 1) for i in range(count))
    known = Scene(standing(3.0, 0.8), points(xs, tuple(3 * x + 0.8 for x in xs)))
    drawn = picture(Chart.FIT, known, VIEW)
    assert len(found(drawn, "point")) >= 15
    assert len(found(drawn, "line")) >= 15
    elsewhere = replace(known, run=standing(0.0, 0.8))
    assert len(found(picture(Chart.FIT, elsewhere, VIEW), "line")) >= 65, "no gap without a point"


def test_the_frame_stands_still_while_the_line_moves() -> None:
    known = scene()
    early, late = (picture(Chart.FIT, known, replace(VIEW, cursor=n)) for n in (5, 300))
    assert found(early, "axis") == found(late, "axis")
    assert found(early, "line") != found(late, "line")


def test_residuals_join_each_point_with_its_prediction() -> None:
    known = Scene(standing(0.0, 4.0), points((0.5, 0.6), (0.0, 4.0)))
    assert not found(picture(Chart.FIT, known, VIEW), "residual")
    drawn = found(picture(Chart.FIT, known, replace(VIEW, residuals=True)), "residual")
    assert len({column for _, column in drawn}) == 1
    assert len({row for row, _ in drawn}) > 10


def test_several_features_show_predicted_against_true() -> None:
    problem = Problem(Synthetic(points=2, true_w=(1.0, 2.0)))
    rows = replace(points((0.0, 1.0), (1.0, 4.0)), x=((0.0, 1.0), (1.0, 1.0)))
    known = Scene(Run(problem, History(State(0, (3.0, 1.0), 0.0))), rows)
    drawn = picture(Chart.FIT, known, View(80, 24))
    assert "predicted against true" in drawn.text
    assert {at(VIEW, 0, 0), at(VIEW, 1, 1)} & found(drawn, "point")


def crowded() -> tuple[Scene, Grid]:
    """A few points that stand for 5,000, and the grid on which these are wanted."""
    known = points((0.0, 1.0), (0.0, 4.0))
    crowd = Scene(standing(0.0, 2.0), replace(known, total=5000))
    grid = wanted(crowd, VIEW)
    assert grid is not None
    return crowd, grid


def test_points_that_are_too_many_are_wanted_on_the_canvas_that_is_seen() -> None:
    crowd, grid = crowded()
    _, _, width, height = frame(VIEW)
    assert (grid.columns, grid.rows) == (width, height)
    half = wanted(crowd, replace(VIEW, window=Window(0.0, 0.5)))
    assert half is not None
    assert half.x == (0.0, 0.5)
    assert wanted(Scene(crowd.run, points((0.0, 1.0), (0.0, 4.0))), VIEW) is None
    assert wanted(crowd, View(10, 3)) is None


def test_a_density_is_shaded_where_the_points_are() -> None:
    crowd, grid = crowded()
    counts = [[0] * grid.columns for _ in range(grid.rows)]
    counts[0][0], counts[-1][-1] = 1, 4999
    density = Density(grid, tuple(map(tuple, counts)))
    drawn = picture(Chart.FIT, replace(crowd, density=density), VIEW)
    left, top, width, height = frame(VIEW)
    lines = drawn.text.splitlines()
    assert lines[top + height - 1][left] == "░"
    assert lines[top][left + width - 1] == "█"
    assert found(drawn, "point") == {(top + height - 1, left), (top, left + width - 1)}
    assert "░▒▓█ 3 points" in drawn.text


def test_a_density_of_another_grid_is_not_shown() -> None:
    crowd, grid = crowded()
    stale = Density(replace(grid, columns=3), ((9, 9, 9),) * grid.rows)
    assert "2 of 5,000 points" in picture(Chart.FIT, replace(crowd, density=stale), VIEW).text


def test_columns_of_a_file_give_their_names_where_they_can_be_shown() -> None:
    for name, shown in (("weight", "weight"), ("\x1b[2J", "␛[2J"), ("体重", "x"), ("n" * 99, "x")):
        table = Table("/data.csv", "height", (name,), 2, "")
        run = Run(Problem(table), History(State(0, (1.0,), 0.0)))
        assert Scene(run).names == (shown, "height")
        drawn = picture(Chart.FIT, Scene(run, points((0.0, 1.0), (0.0, 4.0))), View(80, 24))
        assert "true" not in drawn.text
        assert shown in drawn.text.splitlines()[-1].split()
