"""The Chart tab: the shared run in pictures, drawn anew as it moves."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.reactive import var
from textual.widgets import Static

from engine.training.branches import Experiment
from tui.chart.bar import ChartBar
from tui.chart.choice import (
    PAN,
    PATIENCE,
    ROOM,
    other_scale,
    side_by_side,
    switched,
    turned,
    zoomed,
)
from tui.chart.deck import ChartDeck
from tui.chart.export import ask_and_take, take
from tui.chart.export_dialog import ExportKind
from tui.chart.figures.kinds import Chart
from tui.chart.figures.scene import Scene, scene_of
from tui.chart.figures.view import View, Window
from tui.chart.keys import CHART_KEYS
from tui.chart.messages import ChartChosen
from tui.config.settings import Settings
from tui.kit.paragraphs import Paragraphs
from tui.kit.spans import Picture
from tui.run.outlook import outlook
from tui.run.pane import RunPane
from tui.run.state import RunState, same_picture
from tui.run.status_line import status

CHARTS = tuple(Chart)
TIMELINES = (Chart.LOSS, Chart.PARAMS)
"""Charts over the iterations."""
CHOOSING = (Chart.PARAMS, Chart.SURFACE)
"""Charts of some parameters of many."""
MORE = {
    Chart.FIT: "residuals",
    Chart.LOSS: "predicted",
    Chart.PARAMS: "gradients",
    Chart.SURFACE: "fill",
}
"""What a chart shows on demand, as the look calls it."""


class ChartPane(RunPane):
    """One chart, or two where there is room."""

    BINDINGS: ClassVar[list[BindingType]] = CHART_KEYS

    chart: var[Chart] = var(Chart.FIT)
    look: var[View] = var(View())
    """What is switched on; cursor, window and size are filled in where it is drawn."""

    def __init__(self, settings: Settings, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._budget = settings.budget
        self._windows: dict[Chart, Window] = {}
        fill = settings.colours not in ("none", "16")
        self.set_reactive(ChartPane.look, View(glyphs=settings.glyphs, fill=fill))

    @property
    def shown(self) -> tuple[Chart, ...]:
        """The charts on the screen."""
        experiment = self.state.experiment
        if self.chart is Chart.SURFACE and experiment is not None and experiment.twin is not None:
            return (self.chart,)  # in both units, which are two
        return side_by_side(CHARTS, self.chart, self.size.width)

    def compose(self) -> ComposeResult:
        """The charts' names and the run's status, above the charts."""
        with Horizontal(id="chart-top"):
            yield ChartBar(CHARTS).data_bind(current=ChartPane.chart)
            yield Static(id="chart-status")
        yield Paragraphs(id="chart-stopped")
        yield ChartDeck(self._budget, id="charts")

    def show_changes(self, before: RunState, state: RunState) -> None:
        """Draw the charts of the new state, at once where a key has asked for it."""
        if state.points is not before.points:
            self._windows.clear()
        moved = state.cursor != before.cursor or bool(before.busy and not state.busy)
        self._show_status()
        if moved or not same_picture(before, state):
            self._draw(PATIENCE if moved else math.inf)

    def watch_chart(self) -> None:
        """Draw the chart that has been chosen, and offer its keys."""
        self.refresh_bindings()
        self._draw(PATIENCE)

    def watch_look(self) -> None:
        """Something switched on or off."""
        self._draw(PATIENCE)

    def on_resize(self) -> None:
        """One chart or two, in the new size."""
        self._draw()

    def on_show(self) -> None:
        """Draw at once when the tab comes to the front."""
        self._show_status()
        self._draw(patience=0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what the charts on the screen have."""
        if action == "more":
            return self.chart in MORE
        if action in ("toggle_log_y", "excess"):
            return Chart.LOSS in self.shown
        if action in ("across", "up"):
            run = self.state.run
            return self.chart in CHOOSING and run is not None and run.problem.features > 1
        if action == "curvature":
            return self.chart is Chart.SURFACE
        return super().check_action(action, parameters)

    @on(ChartChosen)
    def _choose_chart(self, message: ChartChosen) -> None:
        message.stop()
        self.chart = Chart(message.chart)

    def action_chart(self, chart: str) -> None:
        """Show a chart, by its name."""
        self.chart = Chart(chart)

    def action_turn(self, by: int) -> None:
        """Show the chart `by` places on, round from the last to the first."""
        self.chart = turned(CHARTS, self.chart, by)

    def action_more(self) -> None:
        """Show or hide what the first chart shows on demand: contours, a prediction."""
        self.action_switch(MORE[self.chart])

    def action_switch(self, name: str) -> None:
        """One of the look's switches, on or off."""
        self.look = switched(self.look, name)

    def action_across(self, by: int) -> None:
        """Draw the next parameter along x, or of the parameters those from the next on."""
        self.look = replace(self.look, across=self.look.across + by, curvature=False)

    def action_up(self, by: int) -> None:
        """Draw the next parameter along y; of the parameters those from the one before on."""
        if self.chart is Chart.PARAMS:
            self.action_across(-by)
        else:
            self.look = replace(self.look, up=self.look.up + by, curvature=False)

    def action_curvature(self) -> None:
        """Draw the surface along the eigenvectors of the Hessian, or over parameters again."""
        self.action_switch("curvature")

    def action_excess(self) -> None:
        """Draw how far the loss is above the least, or the loss itself again."""
        self.action_switch("excess")

    def action_toggle_log_y(self) -> None:
        """Switch the y axis between logarithmic, as for losses at first, and linear."""
        self.look = other_scale(self.look)

    def action_zoom(self, by: int) -> None:
        """Zoom in or out, to the cursor; a chart over iterations only along them."""
        shown = self._windows.get(self.chart, Window())
        cursor = self._cursor_fraction(self.chart)
        self._set_window(zoomed(shown, by, y=self.chart not in TIMELINES, cursor=cursor))

    def action_pan(self, x: int, y: int) -> None:
        """Move the window of a zoomed chart by steps right and up."""
        self._set_window(self._windows.get(self.chart, Window()).pan(PAN * x, PAN * y))

    def action_unzoom(self) -> None:
        """Show the whole chart again, as before any zoom or pan."""
        self._set_window(Window())

    @work
    async def action_export(self) -> None:
        """Ask how to take the chart away, and do it."""
        await ask_and_take(self.app, self.query_one(ChartDeck).picture, self.chart)

    @work
    async def take(self, how: ExportKind, taken: Picture) -> None:
        """Save a chart or copy it, and say where it went."""
        await take(self.app, how, taken, self.chart)

    def _set_window(self, window: Window) -> None:
        self._windows[self.chart] = window
        self._draw(PATIENCE)

    def _cursor_fraction(self, chart: Chart) -> float | None:
        """Where along x the cursor is, for a chart over the iterations."""
        experiment, cursor = self.state.experiment, self.state.cursor
        if cursor is None or experiment is None or chart not in TIMELINES:
            return None
        return self._scene(experiment).timeline(self.look).fraction(cursor)

    def _scene(self, experiment: Experiment) -> Scene:
        return scene_of(experiment, self.state.points, self.state.theories.of, self.state.stops)

    def _view(self, chart: Chart) -> View:
        window, cursor = self._windows.get(chart), self._cursor_fraction(chart)
        if window is not None and cursor is not None:
            window = self._windows[chart] = window.around(cursor, ROOM)
        return replace(self.look, cursor=self.state.cursor, window=window)

    def _draw(self, patience: float = math.inf) -> None:
        experiment = self.state.experiment
        if experiment is not None and self.is_on_screen:
            looks = [(chart, self._view(chart)) for chart in self.shown]
            deck, scene = self.query_one(ChartDeck), self._scene(experiment)
            deck.show(scene, looks, still=not self.state.busy, patience=patience)

    def _show_status(self) -> None:
        if self.is_on_screen:
            state = self.state
            line = self.query_one("#chart-status", Static)
            line.update(status(state, line.content_size.width), layout=False)
            run = state.run if state.cursor is None else None
            self.query_one(Paragraphs).show(outlook(state, run))
