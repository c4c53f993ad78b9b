from __future__ import annotations

from dataclasses import replace

from engine.regression.history import History
from engine.regression.problem import Problem, State, Synthetic
from engine.regression.run import Run
from tests.tui.charts.examples import found, frame, points, scene
from tui.charts import Chart, Scene, View, picture

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
    assert len(found(drawn, "line")) == 1


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
