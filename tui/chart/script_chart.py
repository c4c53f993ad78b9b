"""The Chart tab while a script's run is open: its scalars over the passes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from tui.chart.bar import ChartBar
from tui.chart.choice import PATIENCE, ROOM, other_scale, side_by_side, switched, turned, zoomed
from tui.chart.deck import ChartDeck
from tui.chart.export import ask_and_take
from tui.chart.figures.kinds import PassChart
from tui.chart.figures.passes import PassScene
from tui.chart.figures.rank_passes import RankScene
from tui.chart.figures.view import View, Window
from tui.chart.keys import PASS_CHART_KEYS
from tui.chart.messages import ChartChosen
from tui.config.settings import Settings
from tui.script.passes.histories import Histories
from tui.script.passes.pass_status import status
from tui.script.passes.pass_words import no_passes
from tui.script.passes.script_pane import ScriptPane
from tui.script.passes.script_run import ScriptRun

CHARTS = tuple(PassChart)


class ScriptChartPane(ScriptPane):
    """Loss, gradients, parameters and updates over the passes: one chart, or two side by side."""

    BINDINGS: ClassVar[list[BindingType]] = PASS_CHART_KEYS

    chart: var[PassChart] = var(PassChart.LOSS)
    look: var[View] = var(View())
    """What is switched on; cursor, window and size are filled in where it is drawn."""

    def __init__(
        self,
        histories: Histories,
        settings: Settings,
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(histories, id=id)
        self._budget = settings.budget
        self._window = Window()
        self.set_reactive(ScriptChartPane.look, View(glyphs=settings.glyphs))

    @property
    def shown(self) -> tuple[PassChart, ...]:
        """The charts on the screen."""
        return side_by_side(CHARTS, self.chart, self.size.width)

    def compose(self) -> ComposeResult:
        """The charts' names and the pass in words, above the charts."""
        with Horizontal(id="pass-chart-top"):
            yield ChartBar(CHARTS).data_bind(current=ScriptChartPane.chart)
            yield Static(id="pass-chart-status")
        yield Static(id="no-passes")
        yield ChartDeck(self._budget, id="pass-charts")

    def show_run(self, run: ScriptRun) -> None:
        """Draw the run; at once where only the cursor has moved."""
        if not self.is_mounted:
            return
        self.query_one("#pass-chart-status", Static).update(status(run), layout=False)
        self.set_class(run.here is None, "-empty")
        if run.here is None:
            self.query_one("#no-passes", Static).update(Content.styled(no_passes(run), "$muted"))
        self._draw(math.inf if run.running and run.cursor is None else PATIENCE)

    def on_mount(self) -> None:
        """Show the run that came before there was anything to show it in."""
        if self.script_run is not None:
            self.show_run(self.script_run)

    def on_show(self) -> None:
        """Draw at once when the tab comes to the front."""
        self._draw(patience=0)

    def on_resize(self) -> None:
        """One chart or two, in the new size."""
        self._draw(PATIENCE)

    def watch_chart(self) -> None:
        """Draw the chart that was chosen."""
        self._draw(PATIENCE)

    def watch_look(self) -> None:
        """Something switched on or off."""
        self._draw(PATIENCE)

    @on(ChartChosen)
    def _choose_chart(self, message: ChartChosen) -> None:
        message.stop()
        self.chart = PassChart(message.chart)

    def action_chart(self, chart: str) -> None:
        """Show a chart, by its name."""
        self.chart = PassChart(chart)

    def action_turn(self, by: int) -> None:
        """Show the chart `by` places on, round from the last to the first."""
        self.chart = turned(CHARTS, self.chart, by)

    def action_toggle_log_y(self) -> None:
        """Switch the y axis between logarithmic, as at first, and linear."""
        self.look = other_scale(self.look)

    def action_switch(self, name: str) -> None:
        """One of the look's switches, on or off."""
        self.look = switched(self.look, name)

    def action_zoom(self, by: int) -> None:
        """Zoom in or out along the passes, at the one that is looked at."""
        self._window = zoomed(self._window, by, y=False, cursor=self._fraction())
        self._draw(PATIENCE)

    def action_unzoom(self) -> None:
        """Show all passes again, as before any zoom."""
        self._window = Window()
        self._draw(PATIENCE)

    @work
    async def action_export(self) -> None:
        """Ask how to take the chart away, and do it."""
        name = self.chart.replace(" ", "-")
        await ask_and_take(self.app, self.query_one(ChartDeck).picture, name)

    def _fraction(self) -> float | None:
        """Where along x the pass is that is looked at."""
        run = self.script_run
        if run is None or run.here is None or run.passes.count < 2:
            return None
        last = run.passes.count - 1
        if self.look.log_x:
            return math.log10(max(run.here, 1)) / max(math.log10(last), 1e-9)
        return run.here / last

    def _draw(self, patience: float = math.inf) -> None:
        run, fraction = self.script_run, self._fraction()
        if run is None or run.here is None or not self.is_on_screen:
            return
        if fraction is not None:
            self._window = self._window.around(fraction, ROOM)
        whole = self._window == Window()
        view = replace(self.look, window=None if whole else self._window)
        ranks = None
        if run.lens is not None and (found := self.rank_history) is not None:
            ranks = RankScene(found, run.lens)
        scene = PassScene(self.history, run.here, follows=run.cursor is None, ranks=ranks)
        deck = self.query_one(ChartDeck)
        looks = [(chart, view) for chart in self.shown]
        deck.show(scene, looks, still=not run.running, patience=patience)
