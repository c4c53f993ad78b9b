"""The Chart tab: the shared run in pictures, drawn anew as it moves."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.reactive import var
from textual.widgets import Static

from engine.regression.points import Points
from tui.charts import Chart, Scene, View, picture
from tui.panes.train import TRAINING_KEYS, RunPane, status
from tui.widgets.chart_view import ChartView

CHARTS = tuple(Chart)
TWO_FROM = 150
"""From so many columns on two charts stand side by side."""


class ChartPane(RunPane):
    """One chart, or two where there is room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "v",
            "chart(1)",
            "Chart",
            tooltip="fit, loss, parameters, surface, residuals",
        ),
        Binding("V", "chart(-1)", "Chart back", show=False, tooltip="the chart before"),
        Binding("y", "toggle_log", "Log y", show=False, tooltip="logarithmic y axis on or off"),
        *TRAINING_KEYS,
    ]

    points: var[Points | None] = var(None)
    chart: var[Chart] = var(Chart.FIT)
    log_y: var[bool | None] = var(None)

    def compose(self) -> ComposeResult:
        """The run's status above one or two charts."""
        yield Static(id="chart-status")
        with Horizontal(id="charts"):
            yield ChartView(id="chart-left")
            yield ChartView(id="chart-right")

    def watch_training(self) -> None:
        """The run has moved."""
        self._draw()

    def watch_points(self) -> None:
        """Other data."""
        self._draw()

    def watch_chart(self) -> None:
        """Another chart."""
        self._draw()

    def watch_log_y(self) -> None:
        """Another scale."""
        self._draw()

    def watch_busy(self) -> None:
        """Playing, running, or neither."""
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """One chart or two, in the new size."""
        self.set_class(event.size.width >= TWO_FROM, "-two")
        self.call_after_refresh(self._draw)

    def on_show(self) -> None:
        """Nothing was drawn while another tab was in front."""
        self.call_after_refresh(self._draw)

    def action_chart(self, by: int) -> None:
        """The next or previous chart."""
        place = (CHARTS.index(self.chart) + by) % len(CHARTS)
        self.chart = CHARTS[place]

    def action_toggle_log(self) -> None:
        """Between logarithmic and linear."""
        self.log_y = self.log_y is False or None if self.chart is Chart.LOSS else not self.log_y

    def _draw(self) -> None:
        if self.training is None or not self.display or not self.is_on_screen:
            return
        self.query_one("#chart-status", Static).update(status(self.training, self.busy, self.pace))
        scene = Scene(self.training, self.points, self.theory)
        following = CHARTS[(CHARTS.index(self.chart) + 1) % len(CHARTS)]
        for name, chart in (("left", self.chart), ("right", following)):
            view = self.query_one(f"#chart-{name}", ChartView)
            if view.display and view.size.area:
                look = View(view.size.width, view.size.height, log_y=self.log_y)
                view.show(picture(chart, scene, look))
