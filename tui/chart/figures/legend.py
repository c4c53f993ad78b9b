"""The row above a chart's canvas that says what is what."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from tui.chart.figures.cells import Cells
from tui.chart.figures.plot import Plot
from tui.chart.figures.roles import Role
from tui.kit.glyphs import ChartGlyphs

Words = tuple[tuple[str, str], ...]
"""Texts with their roles, one beside the other."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of the legend."""

    sample: str
    label: str
    role: str


def explain(cells: Cells, plot: Plot, gutter: int, glyphs: ChartGlyphs) -> None:
    """Write the name of y, and what the plot's lines and marks are as far as there is room."""
    cells.put(1, max(gutter - 1 - cell_len(plot.y_name), 0), plot.y_name, Role.LABEL)
    column = max(gutter + 1, cell_len(plot.y_name) + 1)
    legend = _fitting(plot.legend, cells.width - column)
    for text, role in legend:
        cells.put(1, column, text, role)
        column += cell_len(text)
    column += 3 * bool(legend)
    entries = _entries(plot, glyphs)
    if column + sum(cell_len(e.sample) + cell_len(e.label) + 4 for e in entries) - 3 > cells.width:
        entries = _entries(plot, glyphs, short=True)
    for entry in entries:
        width = cell_len(entry.sample) + 1 + cell_len(entry.label)
        if column + width <= cells.width:
            cells.put(1, column, entry.sample, entry.role)
            cells.put(1, column + cell_len(entry.sample) + 1, entry.label, Role.LABEL)
            column += width + 3


def _fitting(legend: Words, width: int) -> Words:
    """The plot's own words, with narrow samples where there is no room, then without their name.

    In still less the last pairs of a letter and what it stands for are left out, never cut.
    """
    narrow = tuple((text[:1] if text.isspace() else text, role) for text, role in legend)
    pairs = (narrow[1 : len(narrow) - left_out] for left_out in range(0, len(narrow), 2))
    forms = (legend, narrow, *pairs)
    return next((one for one in forms if sum(cell_len(text) for text, _ in one) <= width), ())


def _entries(plot: Plot, glyphs: ChartGlyphs, *, short: bool = False) -> list[Entry]:
    """What the legend explains: curves, then marks."""
    entries = []
    for curve in plot.curves:
        letter = curve.letter if glyphs.across == 1 else ""
        label = (curve.short if short else "") or curve.label
        entries.append(Entry(letter or glyphs.samples[curve.style], label, curve.role))
    entries += [Entry(mark.glyph, mark.label, mark.role) for mark in plot.marks]
    return [entry for entry in entries if entry.label]
