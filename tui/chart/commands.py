"""What the command palette can do with charts: every chart, and what can be switched on in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.app import SystemCommand

from tui.chart.figures.kinds import Chart, PassChart
from tui.chart.pane import ChartPane
from tui.chart.script_chart import ScriptChartPane

SWITCHES = {
    "residuals": ("residual lines in the fit", Chart.FIT),
    "truth": ("the true line in the fit", Chart.FIT),
    "predicted": ("the loss that theory predicts", Chart.LOSS),
    "excess": ("the loss above the least, J − J*", Chart.LOSS),
    "gradients": ("gradients beside the parameters", Chart.PARAMS),
    "fill": ("heat map or contours of the loss surface", Chart.SURFACE),
    "curvature": ("the loss surface along the eigenvectors", Chart.SURFACE),
    "log_x": ("logarithmic iterations", Chart.LOSS),
    "ghosts": ("other runs", Chart.LOSS),
}
"""By the look's own names: what they show, and where it can be seen."""

EXPORT = "save as SVG, HTML or text, or copy"


def commands(pane: Callable[[], ChartPane]) -> Iterator[SystemCommand]:
    """The commands; `pane` brings the Chart tab to the front and returns it."""
    for chart in Chart:
        name, show = f"Chart: {chart.caption}", partial(_show, pane, chart)
        yield SystemCommand(name, "show this chart", show)
    for switch, (words, chart) in SWITCHES.items():
        yield SystemCommand(f"Chart: {words}", "on or off", partial(_switch, pane, switch, chart))
    yield SystemCommand("Chart: export", EXPORT, lambda: pane().action_export())


def script_commands(pane: Callable[[], ScriptChartPane]) -> Iterator[SystemCommand]:
    """The commands while a script's run is open; `pane` as above."""
    for chart in PassChart:
        yield SystemCommand(
            f"Chart: {chart.caption}", "show this chart", partial(_show_passes, pane, chart)
        )
    yield SystemCommand("Chart: export", EXPORT, partial(_export, pane))


def _export(pane: Callable[[], ScriptChartPane]) -> None:
    shown = pane()
    shown.call_after_refresh(shown.action_export)  # it may have been drawn never yet


def _show_passes(pane: Callable[[], ScriptChartPane], chart: PassChart) -> None:
    pane().chart = chart


def _show(pane: Callable[[], ChartPane], chart: Chart) -> None:
    pane().chart = chart


def _switch(pane: Callable[[], ChartPane], switch: str, chart: Chart) -> None:
    shown = pane()
    if chart not in shown.shown:
        shown.chart = chart
    shown.action_switch(switch)
