"""What the command palette can do: every chart, and what can be switched on in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.app.workbench import Workbench
from tui.chart.figures.kinds import Chart
from tui.chart.pane import ChartPane

Command = tuple[str, str, Callable[[], object]]
"""Its name, what it does in words, and how."""

SWITCHES = {
    "residuals": ("residual lines in the fit", Chart.FIT),
    "truth": ("the true line in the fit", Chart.FIT),
    "predicted": ("the loss that theory predicts", Chart.LOSS),
    "gradients": ("gradients beside the parameters", Chart.PARAMS),
    "fill": ("heat map or contours of the loss surface", Chart.SURFACE),
    "log_x": ("logarithmic iterations", Chart.LOSS),
    "ghosts": ("other runs", Chart.LOSS),
}
"""By the look's own names: what they show, and where it can be seen."""


class ChartCommands(Provider):
    """Each brings the Chart tab to the front."""

    async def discover(self) -> Hits:
        """All of them."""
        for name, words, run in self._commands():
            yield DiscoveryHit(name, run, help=words)

    async def search(self, query: str) -> Hits:
        """Those whose name is like what has been typed."""
        matcher = self.matcher(query)
        for name, words, run in self._commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=words)

    def _commands(self) -> Iterator[Command]:
        for chart in Chart:
            yield f"Chart: {chart.caption}", "show this chart", partial(self._show, chart)
        for switch, (words, chart) in SWITCHES.items():
            yield f"Chart: {words}", "on or off", partial(self._switch, switch, chart)
        yield "Chart: export", "save as SVG, HTML or text, or copy", self._export

    def _pane(self) -> ChartPane:
        bench = self.screen.query_one(Workbench)
        bench.tab = "chart"
        return bench.query_one(ChartPane)

    def _show(self, chart: Chart) -> None:
        self._pane().chart = chart

    def _switch(self, switch: str, chart: Chart) -> None:
        pane = self._pane()
        if chart not in pane.shown:
            pane.chart = chart
        pane.action_switch(switch)

    def _export(self) -> None:
        self._pane().action_export()
