from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import product

import pytest

from engine.regression.history import History
from tests.tui.charts.examples import cells, found, frame, scene
from tui.charts.catalogue import picture
from tui.charts.names import Chart
from tui.charts.roles import Role, split
from tui.charts.view import View, Window


def test_importing_the_charts_imports_neither_plotext_nor_torch() -> None:
    program = "import sys, tui.charts; print({'plotext', 'torch'} & {*sys.modules})"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "set()"


def test_the_loss_falls_from_the_left_to_the_mark_at_the_right() -> None:
    drawn = picture(Chart.LOSS, scene(noise=0.0), View(80, 24))
    curve, marks = found(drawn, "loss"), found(drawn, "current")
    rows = [min(row for row, c in curve if c == column) for column in sorted({c for _, c in curve})]
    assert rows == sorted(rows)
    assert max(c for _, c in curve) <= max(c for _, c in marks) == 78


def test_the_predicted_loss_is_the_loss() -> None:
    known, view = scene(), View(80, 24)
    alone = found(picture(Chart.LOSS, known, view), "loss")
    both = picture(Chart.LOSS, known, replace(view, predicted=True))
    assert found(both, "predicted") and found(both, "predicted") <= alone | found(both, "optimum")


def test_breakpoints_divergence_and_the_cursor_are_marked() -> None:
    known = replace(scene(rate=5.0), stops=(3,))
    drawn = picture(Chart.LOSS, known, View(80, 24, cursor=100))
    assert len(found(drawn, "stop")) == 2
    assert len({column for _, column in found(drawn, "cursor")}) == 1


def test_parameters_end_at_the_optimum_that_is_drawn() -> None:
    drawn = picture(Chart.PARAMS, scene(steps=3000), View(80, 24))
    assert "w 3.000 → 3.000" in drawn.text and "b 0.805 → 0.805" in drawn.text
    assert found(drawn, "w") and found(drawn, "b")


@pytest.mark.parametrize("size", [(120, 30), (60, 30), (60, 8)])
def test_gradients_have_a_place_at_every_size(size: tuple[int, int]) -> None:
    drawn = picture(Chart.PARAMS, scene(), View(*size, gradients=True))
    assert "Gradients" in drawn.text


def test_the_surface_is_lowest_at_the_optimum() -> None:
    drawn = picture(Chart.SURFACE, scene(steps=10), View(80, 24))
    grid = cells(drawn)
    ((row, column),) = found(drawn, "optimum")
    assert split(grid[row][column - 1][1])[1] == "level0"
    ((row, column),) = found(drawn, "start")
    assert split(grid[row][column][1])[1] > "level3"


def test_a_diverging_path_is_seen_to_leave() -> None:
    view = View(80, 24)
    path = found(picture(Chart.SURFACE, scene(rate=1.0, steps=60), view), "path")
    left, top, width, height = frame(view)
    edges = {(row, column) for row, column in path if row in (top, top + height - 1)}
    assert edges or {c for _, c in path} & {left, left + width - 1}


def test_the_gradient_points_from_the_current_place_and_its_head_is_in_the_frame() -> None:
    drawn = picture(Chart.SURFACE, scene(steps=10), View(80, 24))
    glyphs = {cells(drawn)[row][column][0] for row, column in found(drawn, "gradient")}
    assert glyphs & {*"→↗↑↖←↙↓↘"}
    done = picture(Chart.SURFACE, scene(steps=3000), View(80, 24))
    assert not found(done, "gradient")


def test_contours_need_no_background() -> None:
    drawn = picture(Chart.SURFACE, scene(), View(80, 24, fill=False))
    roles = {role for line in cells(drawn) for _, role in line}
    assert not any("@" in role for role in roles)
    assert sum(role.startswith("level") for role in roles) >= 5


def test_the_histogram_stands_on_its_axis() -> None:
    drawn = picture(Chart.RESIDUALS, scene(), View(80, 20))
    assert {row for row, _ in found(drawn, "residual")} >= {17}


def test_ghosts_are_drawn_and_can_be_hidden() -> None:
    known = replace(scene(), ghosts=(scene(rate=0.02).run,))
    for chart in (Chart.LOSS, Chart.PARAMS, Chart.SURFACE):
        assert found(picture(chart, known, View(80, 24)), "ghost")
        assert not found(picture(chart, known, View(80, 24, ghosts=False)), "ghost")


def test_zooming_shows_a_part_and_panning_stays_inside() -> None:
    window = Window().zoom(0.5)
    assert (window.left, window.right) == (0.25, 0.75)
    assert window.pan(x=9.0) == Window(0.5, 1.0, 0.25, 0.75)
    assert window.zoom(100.0) == Window()
    whole = picture(Chart.LOSS, scene(), View(80, 24)).text
    assert picture(Chart.LOSS, scene(), View(80, 24, window=window)).text != whole
    assert picture(Chart.LOSS, scene(), View(80, 24, window=Window())).text == whole


@pytest.mark.parametrize("chart", Chart)
def test_ascii_is_ascii(chart: Chart) -> None:
    for fill, size in product((True, False), ((80, 24), (15, 3))):
        view = View(
            *size, glyphs="ascii", fill=fill, predicted=True, gradients=True, residuals=True
        )
        assert picture(chart, scene(), view).text.isascii()


@pytest.mark.parametrize("chart", Chart)
def test_every_role_has_a_name(chart: Chart) -> None:
    known = {"", *Role, *(f"level{n}" for n in range(8))}
    view = View(100, 30, predicted=True, gradients=True, residuals=True)
    for line in cells(picture(chart, scene(), view)):
        assert {part for _, role in line for part in split(role)} <= known


@pytest.mark.parametrize("chart", Chart)
def test_labels_do_not_touch_in_a_small_pane(chart: Chart) -> None:
    *_, labels = picture(chart, scene(), View(60, 15)).text.splitlines()
    names = {"x", "w", "iterations", "y-ŷ"}
    numbers = [float(label) for label in labels.split() if label not in names]
    assert len(numbers) >= 3 and numbers == sorted(set(numbers))


def test_a_pane_too_small_shows_numbers_and_a_sparkline() -> None:
    drawn = picture(Chart.LOSS, scene(), View(19, 2))
    assert drawn.text.splitlines()[0].startswith("loss 1.0")
    assert {*drawn.text.splitlines()[1]} & {*"▁▂▃▄▅▆▇█"}


def test_before_the_first_iteration_the_charts_say_so() -> None:
    run = replace(scene().run, history=History(scene().run.history.start))
    for chart in (Chart.LOSS, Chart.PARAMS):
        assert "no iteration" in picture(chart, replace(scene(), run=run), View(80, 24)).text
