"""One or two charts side by side, drawn as often as they cheaply can be while a run goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Size
from textual.timer import Timer

from engine.training.density import Density, Wish
from tui.chart.chart_view import ChartView
from tui.chart.figures.draw import AnyScene, picture
from tui.chart.figures.fit import wanted
from tui.chart.figures.kinds import AnyChart, Chart
from tui.chart.figures.scene import Scene
from tui.chart.figures.view import View
from tui.chart.messages import PointsCounted
from tui.kit.frame_rate import Budget, FrameRate
from tui.kit.spans import Picture

AT_ONCE = 0.001
"""Seconds: long enough for all that changes together to be drawn together."""


class ChartDeck(Horizontal):
    """Draws where it can be seen, and does nothing at all while nothing changes."""

    DEFAULT_CSS = """
    ChartDeck { height: 1fr; }
    ChartDeck ChartView { width: 1fr; height: 1fr; }
    """

    def __init__(self, budget: Budget, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._left, self._right = ChartView(id="chart-left"), ChartView(id="chart-right")
        self.draw: Callable[[AnyChart, AnyScene, View], Picture] = picture
        """Draws a chart of a scene in the view's size."""
        self._rate = FrameRate(budget, time.monotonic)
        self._next: Timer | None = None
        self._drawn_in: Size | None = None
        self._scene: AnyScene | None = None
        self._looks: Sequence[tuple[AnyChart, View]] = ()
        self._still = True
        self._comes_back = False
        """Whether it was hidden after it had been drawn."""
        self._counting = False
        self._counted: tuple[Wish, Density | None] | None = None

    @property
    def picture(self) -> Picture:
        """The first chart, as it is on the screen; an empty one before it has been drawn."""
        return self._left.picture

    def compose(self) -> ComposeResult:
        """Compose the views of two charts side by side."""
        yield self._left
        yield self._right

    def show(
        self,
        scene: AnyScene,
        looks: Sequence[tuple[AnyChart, View]],
        *,
        still: bool,
        patience: float = math.inf,
        together: bool = False,
    ) -> None:
        """Draw these charts, sizes aside, when it is time to.

        That is at most `patience` seconds after the last drawing, whatever that cost; `together`
        if it is now, before all else that has changed is painted, unless that comes to the front.

        `still`: whether no training goes on.
        """
        self._scene, self._looks, self._still = scene, looks, still
        self._right.display = len(looks) > 1
        if not self.is_on_screen:
            return
        wait = self._rate.wait(patience)
        if self._next is not None:
            if patience == math.inf:
                return
            self._next.stop()
        if together and not wait and self._comes_back:
            self.call_after_refresh(self._draw)
        elif together and not wait:
            self._draw()
        else:
            self._next = self.set_timer(max(wait, AT_ONCE), self._draw)

    @property
    def is_due(self) -> bool:
        """Whether it is still to be drawn."""
        return self._next is not None

    def on_hide(self) -> None:
        """When it is shown again all that is around it comes first: a key waits for that."""
        self._comes_back = True

    def on_resize(self, event: events.Resize) -> None:
        """Draw anew in another size; coming to the front again is no new size."""
        if event.size != self._drawn_in:
            self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        self._next = None
        if self._scene is None or not self.is_on_screen:
            return
        views = (self._left, self._right)[: len(self._looks)]
        sizes = [view.outer_size for view in views]
        if not self.size.area:
            return
        if sum(size.width for size in sizes) != self.size.width or not all(sizes):
            self.call_after_refresh(self._draw)  # they are still to be laid out
            return
        self._rate.begin()
        self._comes_back = False
        self._drawn_in = self.size
        began, sent = time.thread_time(), 0
        for view, size, (chart, look) in zip(views, sizes, self._looks, strict=True):
            look = look.sized(size.width, size.height)
            view.show(self.draw(chart, self._with_density(self._scene, chart, look), look))
            sent += view.sent
        self.call_after_refresh(self._learn, began, sent)

    def _learn(self, began: float, sent: int) -> None:
        """What was built has been painted."""
        self._rate.learn(time.thread_time() - began, sent)

    def _with_density(self, scene: AnyScene, chart: AnyChart, look: View) -> AnyScene:
        """The scene with all points counted, or what is there while they are being counted."""
        if not isinstance(scene, Scene) or chart is not Chart.FIT:
            return scene
        grid = wanted(scene, look)
        if grid is None:
            return scene
        several = scene.run.problem.features > 1
        wish = Wish(scene.run.problem, grid, scene.state(look) if several else None)
        if self._counted is not None and self._counted[0] == wish:
            return replace(scene, density=self._counted[1])
        if not self._counting and (self._still or not several):
            self._counting = True
            self._count(wish)
        return scene

    @work(thread=True, group="counting")
    def _count(self, wish: Wish) -> None:
        """An even sample is shown instead of what cannot be counted."""
        from engine.training.point_counts import density  # late: torch, on this thread

        counts = None
        with suppress(RuntimeError, ValueError, MemoryError, OSError):
            counts = density(wish)
        self.post_message(PointsCounted(wish, counts))

    @on(PointsCounted)
    def _take_counts(self, message: PointsCounted) -> None:
        message.stop()
        self._counting = False
        self._counted = message.wish, message.density
        self._draw()
