"""The chart of the loss over the iterations, what is predicted of it, and branches."""

from __future__ import annotations

from dataclasses import replace

from tests.tui.chart.figures.examples import (
    branched,
    found,
    frame,
    scene,
)
from tui.chart.figures.draw import picture
from tui.chart.figures.kinds import Chart
from tui.chart.figures.view import View


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


def test_what_is_predicted_of_a_branch_begins_where_it_does() -> None:
    known, view = branched(), View(80, 24)
    alone = found(picture(Chart.LOSS, known, view), "loss")
    both = found(picture(Chart.LOSS, known, replace(view, predicted=True)), "predicted")
    assert both
    assert both <= alone
    assert min(column for _, column in both) > min(column for _, column in alone) + 20


def test_a_branch_goes_on_from_the_start_of_the_one_it_left() -> None:
    view = View(80, 24)
    known = branched()
    left, *_ = frame(view)
    for chart, role in ((Chart.LOSS, "loss"), (Chart.PARAMS, "w"), (Chart.PARAMS, "b")):
        drawn = picture(chart, known, view)
        assert min(column for _, column in found(drawn, role)) == left
        assert {column for _, column in found(drawn, "fork")} == {left + 71 // 3}
        assert "branched" in drawn.text
    drawn = picture(Chart.SURFACE, known, view)
    whole = picture(Chart.SURFACE, scene(), view)
    assert found(drawn, "start") == found(whole, "start")
    assert len(found(drawn, "fork")) == 1
    assert len(found(drawn, "path")) > 20


def test_curves_are_named_by_their_rates_where_there_are_others() -> None:
    alone = picture(Chart.LOSS, scene(), View(80, 24)).text
    both = picture(Chart.LOSS, replace(scene(), ghosts=(scene(rate=0.02).run,)), View(80, 24)).text
    assert "rate" not in alone
    assert "rate 0.1" in both
    assert "rate 0.02" in both


def test_the_loss_above_its_least_goes_on_falling_where_the_loss_cannot() -> None:
    noisy = scene(noise=0.5, steps=300)
    loss, above = (picture(Chart.LOSS, noisy, View(80, 24, excess=on)) for on in (False, True))
    assert "Loss above the least, 0.2" in above.text
    assert above.text.splitlines()[1].startswith("J - J*")
    depth = [
        max(row for row, _ in found(drawn, "loss")) - min(row for row, _ in found(drawn, "loss"))
        for drawn in (loss, above)
    ]
    assert depth[1] > 10 * max(depth[0], 1) or depth[1] >= 15
    left = {column for _, column in found(loss, "loss") if column > 40}
    assert left, "the loss itself stays where it is"
