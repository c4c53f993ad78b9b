"""The loss of all passes in one line: which of them have lines, and in which one is."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from engine.recording.records import Recording
from tui.config.settings import settings_of
from tui.kit.glyphs import CHART_GLYPHS
from tui.kit.rows_view import RowsView
from tui.kit.spans import Row, Span
from tui.script.windows import deep_passes

LOG_RANGE = 100.0
"""Losses that differ by more than so many times are shown by their logarithms."""
LABEL = 20
"""Columns left of the bars."""
BROKEN = "✗"


class Cells(NamedTuple):
    """What is drawn: one bar for each pass, or for so many passes as share a cell."""

    heights: tuple[float | None, ...]
    """From 0 to 1; None where a loss is nan or infinite."""
    logarithmic: bool = False


def cells(losses: Sequence[float], width: int) -> Cells:
    """Return the mean losses of consecutive passes in at most so many cells."""
    count = min(len(losses), width)
    bounds = [index * len(losses) // count for index in range(count + 1)] if count > 0 else []
    means = [sum(losses[first:end]) / (end - first) for first, end in pairwise(bounds)]
    finite = [mean for mean in means if math.isfinite(mean)]
    if not finite:
        return Cells((None,) * len(means))
    low, high = min(finite), max(finite)
    logarithmic = low > 0 and high > LOG_RANGE * low
    if logarithmic:
        means = [math.log(mean) if math.isfinite(mean) else mean for mean in means]
        low, high = math.log(low), math.log(high)
    span = high - low
    return Cells(
        tuple(
            ((mean - low) / span if span > 0 else 0.5) if math.isfinite(mean) else None
            for mean in means
        ),
        logarithmic,
    )


def strip(drawn: Cells, marked: Collection[int], here: int | None, bars: str) -> Row:
    """Return the bars as spans; `marked` cells have passes with lines, in the one `here` one is."""
    texts = [
        (_role(index, height, marked, here), _bar(height, bars))
        for index, height in enumerate(drawn.heights)
    ]
    runs = groupby(texts, key=lambda one: one[0])
    return tuple(Span("".join(text for _, text in run), role) for role, run in runs)


class LossStrip(RowsView):
    """Shows nothing, and takes no room, where there are no losses to compare."""

    DEFAULT_CSS = "LossStrip { height: 1; overflow: hidden; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._recording: Recording | None = None
        self._number: int | None = None
        self._known: tuple[object, int, Cells, frozenset[int]] | None = None

    def show_run(self, recording: Recording | None, number: int | None) -> None:
        """Show the losses of a recording, with the pass in which one is."""
        self._recording, self._number = recording, number
        some = recording is not None and recording.passes.count > 1
        self.set_class(some, "-some")
        if some:
            self.show_rows(1, 1)
            self.repaint()

    def rows(self, positions: Sequence[int]) -> Sequence[Row]:
        """Return one line: the loss of the pass in which one is, then the bars."""
        return [self._line() if y == 0 else () for y in positions]

    def _line(self) -> Row:
        if self._recording is None or self._recording.passes.count < 2:
            return ()
        passes, width = self._recording.passes, max(self.size.width - LABEL, 1)
        if self._known is None or self._known[:2] != (passes, width):
            drawn = cells(passes.losses(), width)
            marked = (self._cell(one.number, drawn) for one in deep_passes(self._recording))
            self._known = passes, width, drawn, frozenset(marked)
        _, _, drawn, marks = self._known
        here = None if self._number is None else self._cell(self._number, drawn)
        loss = math.nan if self._number is None else passes.loss(self._number)
        label = f"loss {loss:.4g}".ljust(LABEL - 4) + ("log " if drawn.logarithmic else "    ")
        bars = CHART_GLYPHS[settings_of(self).glyphs].bars
        return (Span(label[:LABEL], "faint"), *strip(drawn, marks, here, bars))

    def _cell(self, number: int, drawn: Cells) -> int:
        count = self._recording.passes.count if self._recording else 0
        return min(number * len(drawn.heights) // max(count, 1), len(drawn.heights) - 1)


def _bar(height: float | None, bars: str) -> str:
    return BROKEN if height is None else bars[round(height * (len(bars) - 1))]


def _role(index: int, height: float | None, marked: Collection[int], here: int | None) -> str:
    role = "error" if height is None else "value title" if index in marked else "faint"
    return f"{role} current" if index == here else role
