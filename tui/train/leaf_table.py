"""All leaves of a script at one pass, a row each; what is not on the screen is not read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tui.chart.figures.small import logs
from tui.chart.figures.sparkline import sparkline
from tui.config.settings import settings_of
from tui.kit.picture_view import PictureView
from tui.kit.rows_view import RowsView
from tui.kit.short_names import shortened
from tui.kit.spans import Picture, Row, Span
from tui.kit.text import safe
from tui.script.passes.norm_block import Measure
from tui.script.passes.pass_history import LeafRow, PassHistory
from tui.train.leaf_row import Leaf, Widths, header, leaf_spans, name_width, widths

Order = Literal["name", "gradient", "ratio"]
ORDERS: tuple[Order, ...] = ("name", "gradient", "ratio")
WORDS: dict[Order, str] = {
    "name": "",
    "gradient": ", largest gradient first",
    "ratio": ", largest update/value first",
}
MISSING = "✗"


class LeafHeader(PictureView):
    """The names of the table's columns, which stay where it scrolls."""

    DEFAULT_CSS = "LeafHeader { height: 1; overflow: hidden; }"


class LeafTable(RowsView):
    """Shows the leaves of a history at a pass."""

    DEFAULT_CSS = "LeafTable { overflow-x: hidden; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._history = PassHistory()
        self._row: LeafRow | None = None
        self._shapes: Mapping[str, tuple[int, ...]] = {}
        self._order: Sequence[int] = ()
        self._names = 0
        self._short: tuple[int, Mapping[str, str]] = 0, {}
        """The names in so many columns."""
        self._sparks: dict[tuple[str, Measure, int], str] = {}

    def show_pass(
        self,
        history: PassHistory,
        row: LeafRow | None,
        shapes: Mapping[str, tuple[int, ...]],
        order: Order,
    ) -> None:
        """Show all leaves at a pass, or none; `shapes` of leaves by name, as far as known."""
        if history is not self._history:
            self._sparks.clear()
        if history.leaves != self._history.leaves or not self._names:
            self._names = max(map(name_width, history.leaves), default=0)
            self._short = 0, {}
        self._history, self._row, self._shapes = history, row, shapes
        self._order = [] if row is None else ordered(row, order)
        self.show_rows(1, len(self._order))
        self.repaint()

    @property
    def columns(self) -> Widths:
        """How many columns the parts of a row have now."""
        return widths(self.size.width, self._names, shapes=bool(self._shapes))

    @property
    def heading(self) -> Picture:
        """The names of the columns, for above the table."""
        return Picture(1, (header(self.columns),))

    def rows(self, positions: Sequence[int]) -> Sequence[Row]:
        """Return the rows of some leaves; of these alone the history is looked at."""
        columns = self.columns
        return [self._leaf_row(y, columns) if y < len(self._order) else () for y in positions]

    def _leaf_row(self, y: int, columns: Widths) -> Row:
        row = self._row
        if row is None:
            return ()
        at = self._order[y]
        name = self._history.leaves[at]
        value, gradient, update = map(float, row.norms[at])
        ratio = abs(update) / abs(value) if value else math.nan
        leaf = Leaf(
            self._short_name(name, columns.name),
            self._shapes.get(name),
            value,
            gradient,
            update,
            ratio,
            bool(row.broken[at]),
        )
        spans = list(leaf_spans(leaf, columns))
        parts: tuple[tuple[Measure, int], ...] = (
            ("gradient", columns.spark),
            ("ratio", columns.second),
        )
        for what, width in parts:
            if width:
                spans += [Span("  "), *self._spark(name, at, what, width)]
        return tuple(spans)

    def _short_name(self, name: str, width: int) -> str:
        if self._short[0] != width:
            self._short = width, shortened(map(safe, self._history.leaves), width)
        return self._short[1][safe(name)]

    def _spark(self, name: str, at: int, what: Measure, width: int) -> Row:
        key = name, what, width
        if key not in self._sparks:
            values = self._history.sketch(name, what)
            plain = settings_of(self).glyphs == "ascii"
            broken = what == "gradient" and bool(self._history.had_gradient[at])
            self._sparks[key] = spark(values, width, plain=plain, mark=broken)
        text = self._sparks[key]
        number = self._row.number if self._row else 0
        here = min(int(self._history.fraction(number) * len(text)), len(text) - 1)
        usual = "gradient" if what == "gradient" else "op"
        roles = [
            ("error" if char == MISSING else usual) + (" here" if cell == here else "")
            for cell, char in enumerate(text)
        ]
        runs = groupby(zip(text, roles, strict=True), key=lambda one: one[1])
        spans = [Span("".join(char for char, _ in run), role) for role, run in runs]
        return *spans, Span(" " * (width - len(text)))


def ordered(row: LeafRow, order: Order) -> Sequence[int]:
    """Return the places of leaves in the order of the rows: what is broken comes first."""
    if order == "name":
        return range(len(row.norms))
    sizes = np.nan_to_num(np.abs(row.measure(order)), nan=-1.0)
    found: list[int] = np.lexsort((-sizes, ~row.broken)).tolist()
    return found


def spark(values: NDArray[np.float64], width: int, *, plain: bool, mark: bool) -> str:
    """Return absolute values as bars of their logarithms; `mark`: what is not finite is marked."""
    positive = values[np.isfinite(values) & (values > 0)]
    least = float(positive.min()) if positive.size else 1.0
    drawn = sparkline(logs(np.where(values == 0, least, values)), min(len(values), width), plain)
    if not mark:
        return drawn
    # Before its first number a leaf was not there yet.
    known = drawn.lstrip(" ")
    return drawn[: len(drawn) - len(known)] + known.replace(" ", MISSING)
