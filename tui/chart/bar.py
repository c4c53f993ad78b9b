"""One row: the charts with their keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.chart.figures.kinds import AnyChart, Chart
from tui.chart.messages import ChartChosen

FIRST_KEY = 4
"""The keys before it are the tabs'."""


class ChartBar(Widget):
    """Posts `ChartChosen` when a chart is clicked."""

    DEFAULT_CSS = """
    ChartBar { height: 1; width: auto; max-width: 100%; color: $muted; }
    """

    current: reactive[AnyChart] = reactive[AnyChart](Chart.FIT)

    def __init__(self, charts: Sequence[AnyChart]) -> None:
        super().__init__()
        self._labels = {chart: f" {key} {chart.caption} " for chart, key in keys(charts).items()}

    def get_content_width(self, container: object, viewport: object) -> int:
        """As wide as its labels."""
        return sum(map(len, self._labels.values()))

    def render(self) -> Content:
        """Render the names of all charts, the current one reversed."""
        return Content("").join(
            Content.styled(label, "bold reverse" if chart is self.current else "")
            for chart, label in self._shown().items()
        )

    def _shown(self) -> dict[AnyChart, str]:
        """The labels; where there is no room for all, of the other charts the keys alone."""
        if self.size.width >= sum(map(len, self._labels.values())):
            return self._labels
        return {
            chart: label if chart is self.current else f" {label.split()[0]} "
            for chart, label in self._labels.items()
        }

    def on_click(self, event: events.Click) -> None:
        """Choose the chart under the mouse."""
        x = 0
        for chart, label in self._shown().items():
            x += len(label)
            if event.x < x:
                self.post_message(ChartChosen(chart))
                return


def keys(charts: Sequence[AnyChart]) -> dict[AnyChart, str]:
    """Return the key of each chart: the digits after those of the tabs."""
    return {chart: str(number) for number, chart in enumerate(charts, FIRST_KEY)}
