"""Choosing what a Chart tab shows: which charts, how many, how far zoomed, on which scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from tui.chart.figures.view import View, Window

C = TypeVar("C")

TWO_FROM = 150
"""From so many columns on two charts stand side by side."""
PATIENCE = 0.15
"""Seconds after a drawing until what a key has done is seen; at once where none was since."""
ZOOM = 0.7
PAN = 0.2
"""Of what is seen."""
ROOM = 0.05
"""Between the cursor and the edge that it pushes."""


def turned(charts: Sequence[C], chart: C, by: int) -> C:
    """Return the chart `by` places after one, from the last on to the first."""
    return charts[(charts.index(chart) + by) % len(charts)]


def side_by_side(charts: Sequence[C], chart: C, width: int) -> tuple[C, ...]:
    """Return the charts for so many columns: the one chosen, and the next where there is room."""
    return (chart, turned(charts, chart, 1)) if width >= TWO_FROM else (chart,)


def other_scale(look: View) -> View:
    """Return the look between logarithmic, as charts of losses and norms are, and linear."""
    return replace(look, log_y=None if look.log_y is False else False)


def switched(look: View, name: str) -> View:
    """Return the look with one of its switches, by its name, turned on or off."""
    changes: dict[str, Any] = {name: not getattr(look, name)}
    return replace(look, **changes)


def zoomed(window: Window, by: int, *, y: bool, cursor: float | None) -> Window:
    """Return the window zoomed in (`by` above 0) or out, and to the cursor where there is one.

    `y`: not along x alone; `cursor`: how far along x it is, from 0 to 1.
    """
    window = window.zoom(ZOOM**by, y=y)
    return window if cursor is None else window.around(cursor, 0.5)
