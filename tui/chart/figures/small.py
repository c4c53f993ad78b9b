"""What a chart says where there is no room for it: its numbers and a sparkline."""

from __future__ import annotations

import numpy as np

from tui.chart.figures.axes import Floats, Numbers
from tui.chart.figures.cells import Cells, clipped
from tui.chart.figures.roles import Role
from tui.chart.figures.sparkline import sparkline
from tui.chart.figures.view import View
from tui.kit.glyphs import spelt
from tui.kit.spans import Picture

BESIDE = 8
"""The least width of a sparkline beside its numbers."""


def small(numbers: str, values: Numbers, role: Role, view: View) -> Picture:
    """Draw numbers above a sparkline; in one row beside it, or the sparkline alone."""
    plain = view.glyphs == "ascii"
    cells = Cells(view.width, view.height)
    numbers = spelt(numbers, view.glyphs)
    if view.height > 1:
        cells.put(0, 0, clipped(numbers, view.width, spelt("…", view.glyphs)), Role.LABEL)
        cells.put(1, 0, sparkline(values, view.width, plain), role)
    elif len(numbers) + 1 + BESIDE <= view.width:
        cells.put(0, 0, numbers, Role.LABEL)
        room = view.width - len(numbers) - 1
        cells.put(0, len(numbers) + 1, sparkline(values, room, plain), role)
    else:
        cells.put(0, 0, sparkline(values, view.width, plain), role)
    return cells.picture()


def logs(values: Numbers) -> Floats:
    """Return the log10 of values; not finite where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(np.asarray(values, np.float64))
