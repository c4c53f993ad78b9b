"""The row above a chart's canvas that says what is what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from tui.chart.figures.cells import Cells
from tui.chart.figures.plot import Plot
from tui.chart.figures.roles import Role
from tui.kit.glyphs import ChartGlyphs

BETWEEN = 3
"""Columns between two entries."""
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
    legend, entries = _chosen(plot, glyphs, cells.width - column)
    for text, role in legend:
        cells.put(1, column, text, role)
        column += cell_len(text)
    column += BETWEEN * bool(legend)
    for entry in entries:
        width = cell_len(entry.sample) + 1 + cell_len(entry.label)
        if column + width <= cells.width:
            cells.put(1, column, entry.sample, entry.role)
            cells.put(1, column + cell_len(entry.sample) + 1, entry.label, Role.LABEL)
            column += width + BETWEEN


def _chosen(plot: Plot, glyphs: ChartGlyphs, room: int) -> tuple[Words, list[Entry]]:
    """The plot's own words and its entries, as long as all of them fit.

    Names of curves become short before the samples of the plot's own words become narrow. Beside
    these marks come first: what a line on a surface is can be seen better than what a mark is.
    """
    long, short = _entries(plot, glyphs), _entries(plot, glyphs, short=True)
    whole, narrow = plot.legend, _narrow(plot.legend)
    if not whole:
        return (), long if _width((), long) <= room else short
    curves = len(short) - sum(bool(mark.label) for mark in plot.marks)
    marks = short[curves:]
    forms = ((whole, long), (whole, short), (narrow, short), (narrow, marks), (narrow[1:], marks))
    fitting = (one for one in forms if _width(*one) <= room)
    legend, entries = next(fitting, (_fitting(whole, room), marks))
    return legend, entries if entries is not marks else [*marks, *short[:curves]]


def _fitting(legend: Words, room: int) -> Words:
    """The plot's own words, with narrow samples where there is no room, then without their name.

    In still less the last pairs of a letter and what it stands for are left out, never cut.
    """
    narrow = _narrow(legend)
    pairs = (narrow[1 : len(narrow) - left_out] for left_out in range(0, len(narrow), 2))
    return next((one for one in (legend, narrow, *pairs) if _width(one, ()) <= room), ())


def _narrow(legend: Words) -> Words:
    """The plot's own words with samples of one column."""
    return tuple((text[:1] if text.isspace() else text, role) for text, role in legend)


def _width(legend: Words, entries: Sequence[Entry]) -> int:
    """The columns that all of it takes."""
    widths = [cell_len(one.sample) + 1 + cell_len(one.label) for one in entries]
    widths += [sum(cell_len(text) for text, _ in legend)] if legend else []
    return sum(widths) + BETWEEN * max(len(widths) - 1, 0)


def _entries(plot: Plot, glyphs: ChartGlyphs, *, short: bool = False) -> list[Entry]:
    """What the legend explains: curves, then marks."""
    entries = []
    for curve in plot.curves:
        letter = curve.letter if glyphs.across == 1 else ""
        label = (curve.short if short else "") or curve.label
        entries.append(Entry(letter or glyphs.samples[curve.style], label, curve.role))
    entries += [Entry(mark.glyph, mark.label, mark.role) for mark in plot.marks]
    return [entry for entry in entries if entry.label]
