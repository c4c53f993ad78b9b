"""The one function that draws any chart in any size."""

from __future__ import annotations

from collections.abc import Callable

from tui.chart.figures.fit import fit
from tui.chart.figures.frame import fits
from tui.chart.figures.kinds import AnyChart, Chart
from tui.chart.figures.loss import loss
from tui.chart.figures.numbers import number_text
from tui.chart.figures.params import params
from tui.chart.figures.passes import PassScene, passes
from tui.chart.figures.residuals import residuals, values
from tui.chart.figures.roles import Role
from tui.chart.figures.scene import Scene
from tui.chart.figures.small import logs, small
from tui.chart.figures.surface import surface
from tui.chart.figures.view import View
from tui.kit.spans import Picture

_DRAW: dict[Chart, Callable[[Scene, View], Picture]] = {
    Chart.FIT: fit,
    Chart.LOSS: loss,
    Chart.PARAMS: params,
    Chart.SURFACE: surface,
    Chart.RESIDUALS: residuals,
}


AnyScene = Scene | PassScene


def picture(chart: AnyChart, scene: AnyScene, view: View) -> Picture:
    """Draw a chart in exactly the view's size, from 1×1 on; without room for a frame in numbers.

    Raises TypeError for a chart of something other than what the scene is of.
    """
    if isinstance(scene, PassScene) and not isinstance(chart, Chart):
        return passes(chart, scene, view)
    if isinstance(scene, PassScene) or not isinstance(chart, Chart):
        raise TypeError(f"no chart of this scene: {chart}")
    if fits(view):
        return _DRAW[chart](scene, view)
    return _small(chart, scene, view)


def _small(chart: Chart, scene: Scene, view: View) -> Picture:
    state = scene.state(view)
    if chart is Chart.RESIDUALS:
        return small("y - ŷ", values(scene, view), Role.RESIDUAL, view)
    if chart in (Chart.FIT, Chart.PARAMS):
        numbers = f"w {number_text(state.w[0])} b {number_text(state.b)}"
        ws = scene.steps.w or ([state.w[0]],)
        return small(numbers, ws[0], Role.W, view)
    step = scene.step(view)
    losses = scene.steps.losses
    numbers = f"loss {step.loss:.3e}" if step else "no loss yet"
    return small(numbers, losses if view.log_y is False else logs(losses), Role.LOSS, view)
