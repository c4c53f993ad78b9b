"""A plot and a size → a picture: title, legend, ticks and grid are ours, the curves plotext's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rich.cells import cell_len

from tui.chart.figures.axes import Axis
from tui.chart.figures.canvas import pixel, raster
from tui.chart.figures.cells import Cell, Cells, clipped
from tui.chart.figures.legend import explain
from tui.chart.figures.marks import Area, Named, put_mark, put_tag
from tui.chart.figures.plot import Mark, Plot
from tui.chart.figures.roles import Role
from tui.chart.figures.strokes import strokes
from tui.chart.figures.view import View
from tui.kit.glyph_level import Level
from tui.kit.glyphs import CHART_GLYPHS, ChartGlyphs, spelt
from tui.kit.spans import Picture

GUTTER = 7
"""Columns for the labels of y, unless one is wider: fixed, so that the frame stands still."""
LEGEND_HEIGHT = 9
"""The least height at which a row is spent on a legend."""
LEAST = (20, 6)
"""The least width and height of a frame."""

BETWEEN = "  "
"""Two labels of x, at least."""
APART = "   "
"""Between the parts of a readout; what does not fit is left out from the right."""

Backdrop = Callable[[Axis, Axis, int, int, ChartGlyphs], list[list[Cell]]]
"""From the axes seen, the canvas' size in cells and its glyphs to its cells, top row first."""


@dataclass(frozen=True, slots=True)
class Label:
    """A number below the axis, and the column of its tick."""

    text: str
    tick: int
    start: int

    @property
    def end(self) -> int:
        """The first column behind the label, in cells."""
        return self.start + cell_len(self.text)


def draw(plot: Plot, view: View, backdrop: Backdrop | None = None) -> Picture:
    """Draw a plot in exactly the view's size, which is not below `LEAST`."""
    plot = seen(plot, view)
    if view.glyphs == "ascii":
        plot = _spelt(plot)
    cells, glyphs = Cells(view.width, view.height), CHART_GLYPHS[view.glyphs]
    area, y_ticks = layout(plot, view)
    _title(cells, plot, view.glyphs)
    if area.top == 2:
        explain(cells, plot, area.left - 1, glyphs)
    _axes(cells, plot, y_ticks, area, glyphs)
    _canvas(cells, plot, area, view.glyphs, backdrop)
    return cells.picture()


def fits(view: View) -> bool:
    """Return whether the view has room for a frame."""
    return view.width >= LEAST[0] and view.height >= LEAST[1]


def seen(plot: Plot, view: View) -> Plot:
    """Return the part of a plot that the view's window shows."""
    window = view.window
    if window is None:
        return plot
    x, y = plot.x.seen(window.left, window.right), plot.y.seen(window.bottom, window.top)
    return replace(plot, x=x, y=y)


def layout(plot: Plot, view: View) -> tuple[Area, list[tuple[float, str]]]:
    """Return where the canvas of a plot lies in the picture, and the ticks of its y axis."""
    top = 2 if view.height >= LEGEND_HEIGHT else 1
    height = view.height - top - 2
    y_ticks = plot.y.ticks(max(2, height // 3))
    gutter = max([GUTTER, *(cell_len(text) + 1 for _, text in y_ticks)])
    return Area(gutter + 1, top, view.width - gutter - 2, height), y_ticks


def _spelt(plot: Plot) -> Plot:
    """The same with all texts in ASCII."""
    curves = (
        replace(curve, label=spelt(curve.label, "ascii"), short=spelt(curve.short, "ascii"))
        for curve in plot.curves
    )
    texts = (plot.title, plot.readout, plot.x_name, plot.y_name, plot.note)
    title, readout, x_name, y_name, note = (spelt(text, "ascii") for text in texts)
    return replace(
        plot, title=title, readout=readout, x_name=x_name, y_name=y_name, note=note,
        curves=tuple(curves),
    )  # fmt: skip


def _title(cells: Cells, plot: Plot, level: Level) -> None:
    title = clipped(plot.title, cells.width - 2, spelt("…", level))
    cells.put(0, 1, title, Role.TITLE)
    parts = plot.readout.split(APART)
    while parts and cell_len(title) + cell_len(APART.join(parts)) + 5 > cells.width:
        parts.pop()
    readout = APART.join(parts)
    cells.put(0, cells.width - 1 - cell_len(readout), readout, Role.LABEL)


def _axes(
    cells: Cells, plot: Plot, y_ticks: Sequence[tuple[float, str]], area: Area, glyphs: ChartGlyphs
) -> None:
    upright, level, corner, y_tick, x_tick = tuple(glyphs.axis)
    bottom, edge = area.top + area.height, area.left - 1
    for row in range(area.top, bottom):
        cells.put(row, edge, upright, Role.AXIS)
    cells.put(bottom, edge, corner + level * area.width, Role.AXIS)
    rows = [bottom - 1 - pixel(fraction, area.height) for fraction, _ in y_ticks]
    for row, (_, text) in zip(rows, y_ticks, strict=True):
        cells.put(row, edge - 1 - cell_len(text), text, Role.LABEL)
        cells.put(row, edge, y_tick, Role.AXIS)
        cells.put(row, area.left, glyphs.grid * area.width, Role.GRID)
    _x_labels(cells, plot, area, x_tick)


def _x_labels(cells: Cells, plot: Plot, area: Area, tick: str) -> None:
    bottom, labels, at = area.top + area.height, *_chosen_labels(plot, area, cells.width)
    for label in labels:
        cells.put(bottom + 1, label.start, label.text, Role.LABEL)
        cells.put(bottom, label.tick, tick, Role.AXIS)
    if at is None:
        name = f" {plot.x_name}"
        cells.put(bottom, area.left + area.width - cell_len(name), name, Role.LABEL)
    else:
        cells.put(bottom + 1, at, plot.x_name, Role.LABEL)


def _chosen_labels(plot: Plot, area: Area, width: int) -> tuple[list[Label], int | None]:
    """As many labels as do not touch and leave a gap for the name of x, and its column.

    Not fewer than three: where there is no such gap the name stands at the end of the axis.
    """
    room, first = cell_len(plot.x_name) + 2 * len(BETWEEN), None
    for most in range(max(2, area.width // 6), 0, -1):
        labels = _labels(plot, area, width, most)
        gaps = [(a.end, b.start) for a, b in pairwise(labels)]
        if any(end - start < len(BETWEEN) for start, end in gaps):
            continue
        gap = max((gap for gap in gaps if gap[1] - gap[0] >= room), default=None)
        at = None if gap is None else (sum(gap) - cell_len(plot.x_name)) // 2
        if at is not None and len(labels) >= 3:
            return labels, at
        first = first or (labels, at)
    return first or ([], None)


def _labels(plot: Plot, area: Area, width: int, most: int) -> list[Label]:
    """About so many below the axis, each under its tick as far as the picture's edges allow."""
    labels = []
    for fraction, text in plot.x.ticks(most):
        column = area.left + pixel(fraction, area.width)
        labels.append(
            Label(text, column, min(max(column - cell_len(text) // 2, 0), width - cell_len(text)))
        )
    return labels


def _canvas(cells: Cells, plot: Plot, area: Area, level: Level, backdrop: Backdrop | None) -> None:
    glyphs = CHART_GLYPHS[level]
    if backdrop is not None:
        _lay(cells, area, backdrop(plot.x, plot.y, area.width, area.height, glyphs))
    if plot.cursor is not None:
        for row in range(area.height):
            put_mark(
                cells, plot, area, Mark(Role.CURSOR, plot.cursor, math.nan, glyphs.axis[0]), row
            )
    drawn = [s for c in plot.curves for s in strokes(c, plot, area.width, area.height, level)]
    _lay(cells, area, raster(area.width, area.height, level, drawn))
    for stop in plot.stops:
        put_mark(cells, plot, area, Mark(Role.STOP, stop, math.nan, glyphs.stop), 0)
    named: Named = set()
    for mark in plot.marks:
        height = plot.y.fraction(mark.y)
        if height is not None and 0 <= height <= 1:
            put_mark(cells, plot, area, mark, area.height - 1 - pixel(height, area.height), named)
    for tag in plot.tags:
        put_tag(cells, plot, area, tag)
    note = clipped(plot.note, area.width)
    column = area.left + (area.width - cell_len(note)) // 2
    cells.put(area.top + area.height // 2, column, note, Role.LABEL)


def _lay(cells: Cells, area: Area, rows: Sequence[Sequence[Cell]]) -> None:
    """Put what is not blank over what is there."""
    for row, line in enumerate(rows, area.top):
        cells.lay(row, area.left, line)
