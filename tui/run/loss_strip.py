"""The loss of all passes as bars: which of them have lines, and in which one is."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from engine.recording.pass_table import DeepPass, PassTable
from tui.config.settings import settings_of
from tui.kit.glyphs import CHART_GLYPHS
from tui.kit.rows_view import RowsView
from tui.kit.spans import Row, Span

LOG_RANGE = 100.0
"""Losses that differ by more than so many times are shown by their logarithms."""
LABEL = 20
"""Columns left of the bars."""
WIDEST = 6
"""Columns of a bar at most, where there are few passes."""
BROKEN = "✗"


class Bars(NamedTuple):
    """What is drawn: one bar for each pass, or for so many passes as share a cell."""

    heights: tuple[float | None, ...]
    """From 0 to 1; None where a loss is nan or infinite."""
    logarithmic: bool = False


def cells(losses: Sequence[float], width: int) -> Bars:
    """Return the mean losses of consecutive passes in at most so many cells."""
    count = min(len(losses), width)
    bounds = [index * len(losses) // count for index in range(count + 1)] if count > 0 else []
    means = [sum(losses[first:end]) / (end - first) for first, end in pairwise(bounds)]
    finite = [mean for mean in means if math.isfinite(mean)]
    if not finite:
        return Bars((None,) * len(means))
    low, high = min(finite), max(finite)
    logarithmic = low > 0 and high > LOG_RANGE * low
    if logarithmic:
        means = [math.log(mean) if math.isfinite(mean) else mean for mean in means]
        low, high = math.log(low), math.log(high)
    half = high / 2 - low / 2  # the whole may be more than a float holds
    return Bars(
        tuple(
            ((mean / 2 - low / 2) / half if half > 0 else 0.5) if math.isfinite(mean) else None
            for mean in means
        ),
        logarithmic,
    )


def strip(
    drawn: Bars,
    marked: Collection[int],
    here: int | None,
    bars: str,
    row: int = 0,
    rows: int = 1,
    wide: int = 1,
) -> Row:
    """Return one of so many rows of bars as spans, the highest first; a bar is `wide` columns.

    `marked` cells have passes with lines, in the one `here` one is.
    """
    texts = [
        (_role(index, height, marked, here), _bar(height, bars, row, rows) * wide)
        for index, height in enumerate(drawn.heights)
    ]
    runs = groupby(texts, key=lambda one: one[0])
    return tuple(Span("".join(text for _, text in run), role) for role, run in runs)


class LossStrip(RowsView):
    """Shows nothing, and takes no room, where there are no losses to compare."""

    DEFAULT_CSS = "LossStrip { height: 1; overflow: hidden; }"
    ellipsis = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._passes = PassTable()
        self._deep: Sequence[DeepPass] = ()
        self._number: int | None = None
        self._known: tuple[PassTable, int, Bars, frozenset[int]] | None = None

    def show_passes(self, passes: PassTable, deep: Sequence[DeepPass], number: int | None) -> None:
        """Show the losses of passes, of which `deep` have lines, and the one in which one is."""
        self._passes, self._deep, self._number = passes, deep, number
        some = passes.count > 1 and passes.has_losses
        self.set_class(some, "-some")
        if some:
            self.show_rows(1, 1)
            self.repaint()

    def rows(self, positions: Sequence[int]) -> Sequence[Row]:
        """Return the rows of bars, with the loss of the pass in which one is before the first."""
        height = max(self.size.height, 1)
        return [self._line(y, height) if y < height else () for y in positions]

    def _line(self, row: int, rows: int) -> Row:
        passes, width = self._passes, max(self.size.width - LABEL, 1)
        if passes.count < 2:
            return ()
        if self._known is None or self._known[0] is not passes or self._known[1] != width:
            drawn = cells(_known(passes), width)
            marked = (self._cell(one.number, drawn) for one in self._deep)
            self._known = passes, width, drawn, frozenset(marked)
        _, _, drawn, marks = self._known
        here = None if self._number is None else self._cell(self._number, drawn)
        bars = CHART_GLYPHS[settings_of(self).glyphs].bars
        label = Span(self._label(row, rows, drawn), "faint")
        wide = min(width // len(drawn.heights), WIDEST)
        return (label, *strip(drawn, marks, here, bars, row, rows, wide))

    def _label(self, row: int, rows: int, drawn: Bars) -> str:
        """The loss at the first row, and that it is a logarithm at the last."""
        words, number = "", self._number
        if row == 0 and number is not None and number < self._passes.count:
            words = f"loss {self._passes.loss(number):.4g}"
        log = "log " if drawn.logarithmic and row == rows - 1 else ""
        return words.ljust(LABEL - 4)[: LABEL - 4] + log.ljust(4)

    def _cell(self, number: int, drawn: Bars) -> int:
        return min(number * len(drawn.heights) // self._passes.count, len(drawn.heights) - 1)


def _known(passes: PassTable) -> Sequence[float]:
    """The losses; where a pass has none, as of a root of several elements, the one before."""
    if not any(chunk.without_loss for chunk in passes.chunks):
        return passes.losses
    losses, last = list(passes.losses), 0.0
    for number, loss in enumerate(losses):
        if math.isnan(loss) and not passes.has_loss(number):
            losses[number] = last
        else:
            last = loss
    return losses


def _bar(height: float | None, bars: str, row: int, rows: int) -> str:
    """What of a bar is in a row of them; the lowest bar is still seen."""
    if height is None:
        return BROKEN if row == rows - 1 else " "
    eighths = 1 + round(height * (rows * len(bars) - 1)) - (rows - 1 - row) * len(bars)
    return " " if eighths <= 0 else bars[min(eighths, len(bars)) - 1]


def _role(index: int, height: float | None, marked: Collection[int], here: int | None) -> str:
    role = "error" if height is None else "value title" if index in marked else "faint"
    return f"{role} here" if index == here else role
