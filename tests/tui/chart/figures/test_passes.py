"""A script's run in charts."""

from __future__ import annotations

import math

import pytest

from tests.tui.script.passes.scalars import scalars
from tui.chart.figures.draw import picture
from tui.chart.figures.kinds import Chart, PassChart
from tui.chart.figures.passes import PassScene
from tui.chart.figures.view import View
from tui.script.passes.pass_history import PassHistory


def scene(*losses: float, leaves: tuple[str, ...] = ("w", "b"), here: int = 0) -> PassScene:
    history = PassHistory().grown(scalars(losses, leaves))
    return PassScene(history, here, follows=False)


def text(chart: PassChart, shown: PassScene, view: View = View(80, 20)) -> str:  # noqa: B008
    drawn = picture(chart, shown, view)
    lines = drawn.text.split("\n")
    assert len(lines) == view.height
    return drawn.text


def test_the_loss_falls_over_the_passes() -> None:
    drawn = text(PassChart.LOSS, scene(*[100 / (n + 1) for n in range(50)]))
    assert "Loss" in drawn
    assert "passes" in drawn
    assert " 100 " in drawn, "logarithmic by itself"
    linear = text(PassChart.LOSS, scene(1.0, -2.0, 3.0))
    assert "-2" in linear, "but a loss below zero is not"


def test_only_the_largest_leaves_are_drawn_and_that_is_said() -> None:
    names = tuple(f"layers.{n}" for n in range(9))
    drawn = text(PassChart.GRADIENT, scene(3.0, 2.0, 1.0, leaves=names, here=1), View(120, 20))
    assert "the 4 largest of 9 leaves" in drawn
    assert "layers.8 45" in drawn, "its gradient at the pass that is looked at"
    assert "layers.2" not in drawn
    assert "largest" not in text(PassChart.VALUE, scene(3.0, 2.0, 1.0))


@pytest.mark.parametrize("chart", [PassChart.GRADIENT, PassChart.RATIO])
def test_every_leaf_that_is_drawn_has_its_name_also_where_there_is_little_room(
    chart: PassChart,
) -> None:
    names = tuple(f"model.encoder.layers.{n}.weight" for n in range(4))
    legend = text(chart, scene(3.0, 2.0, 1.0, leaves=names), View(75, 20)).split("\n")[1]
    assert [f"━━ {n}" in legend for n in range(4)] == [True] * 4
    names = ("net.0.weight", "net.10.bias", "net.2.weight", "head")
    legend = text(chart, scene(3.0, 2.0, 1.0, leaves=names), View(60, 20)).split("\n")[1]
    assert legend.count("━━") == 4


def test_the_usual_ratio_of_updates_is_there_to_compare() -> None:
    assert "usual 1e-3" in text(PassChart.RATIO, scene(3.0, 2.0, 1.0))


def test_what_is_not_finite_is_a_gap_and_its_first_pass_is_named() -> None:
    history = PassHistory().grown(scalars([1.0, 2.0, math.nan, math.inf], broken=2))
    drawn = text(PassChart.LOSS, PassScene(history, 3))
    assert "not finite first at pass 2" in drawn


@pytest.mark.parametrize("size", [(1, 1), (12, 3), (20, 6), (200, 60)])
@pytest.mark.parametrize("chart", PassChart)
def test_every_chart_has_every_size(chart: PassChart, size: tuple[int, int]) -> None:
    for losses in ([1.0], [math.nan, math.nan], [1e300, 0.0, -1e300]):
        text(chart, scene(*losses), View(*size))


def test_names_are_shown_harmlessly() -> None:
    drawn = text(PassChart.VALUE, scene(1.0, 2.0, leaves=("\x1b[31mred", "层" * 40)))
    assert "\x1b" not in drawn


def test_a_chart_of_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="no chart of this scene"):
        picture(Chart.FIT, scene(1.0), View())
