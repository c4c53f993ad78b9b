"""The fit and the loss as small charts, where there is room for them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical

from tui.chart.deck import ChartDeck
from tui.chart.figures.kinds import Chart
from tui.chart.figures.scene import scene_of
from tui.chart.figures.view import View
from tui.config.settings import settings_of
from tui.run.state import RunState, same_picture

BOTH_FROM = 64
"""From so many columns on both charts are shown, one beside the other."""
PAUSE = 1.0
"""Seconds from one drawing to the next while a run goes flat out: numbers are seen to move, a
curve hardly, and it costs more of the run's time than these."""


class SmallCharts(Vertical):
    """Shows the run in pictures, at the pace of the Chart tab; hidden it does nothing."""

    DEFAULT_CSS = "SmallCharts { height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._state = RunState()
        self.clock: Callable[[], float] = time.monotonic
        """In seconds, never going back."""
        self._drawn = -math.inf

    def compose(self) -> ComposeResult:
        """Nothing but the charts, which say themselves what they are."""
        yield ChartDeck(settings_of(self).budget)

    def show_run(self, state: RunState) -> None:
        """Draw the run as it is now, at once where it has stopped or is looked at elsewhere."""
        before, self._state = self._state, state
        moved = state.cursor != before.cursor or bool(before.busy and not state.busy)
        waits = state.busy == "running" and self.clock() < self._drawn + PAUSE
        if moved or not (waits or same_picture(before, state)):
            self._draw(0.0 if moved else math.inf)

    def on_resize(self) -> None:
        """Draw one chart or both, as there is room now; they may have been hidden, too."""
        self.call_after_refresh(self._draw, 0.0)

    def _draw(self, patience: float) -> None:
        state = self._state
        if state.experiment is None or not self.is_on_screen:
            return
        self._drawn = self.clock()
        scene = scene_of(state.experiment, state.points, state.theories.of, state.stops)
        view = View(glyphs=settings_of(self).glyphs, cursor=state.cursor)
        charts = (Chart.FIT, Chart.LOSS) if self.size.width >= BOTH_FROM else (Chart.FIT,)
        looks = [(chart, view) for chart in charts]
        self.query_one(ChartDeck).show(
            scene,
            looks,
            still=not state.busy,
            patience=patience,
            together=state.busy == "running",
        )
