"""One row: the charts with their keys."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.chart.figures.kinds import Chart
from tui.chart.messages import ChartChosen

FIRST_KEY = 4
"""The keys before it are the tabs'."""
KEYS = {chart: str(i) for i, chart in enumerate(Chart, FIRST_KEY)}


class ChartBar(Widget):
    """Posts `ChartChosen` when a chart is clicked."""

    DEFAULT_CSS = """
    ChartBar { height: 1; width: auto; color: $muted; }
    """

    current: reactive[Chart] = reactive(Chart.FIT)

    def get_content_width(self, container: object, viewport: object) -> int:
        """As wide as its labels."""
        return sum(len(_label(chart)) for chart in Chart)

    def render(self) -> Content:
        """Render the names of all charts, the current one reversed."""
        return Content("").join(
            Content.styled(_label(chart), "bold reverse" if chart is self.current else "")
            for chart in Chart
        )

    def on_click(self, event: events.Click) -> None:
        """Choose the chart under the mouse."""
        x = 0
        for chart in Chart:
            x += len(_label(chart))
            if event.x < x:
                self.post_message(ChartChosen(chart))
                return


def _label(chart: Chart) -> str:
    return f" {KEYS[chart]} {chart.caption} "
