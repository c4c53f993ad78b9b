"""What the widgets and the worker of the Chart tab tell its pane."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from engine.training.density import Density, Wish
from tui.chart.figures.kinds import AnyChart


@dataclass
class ChartChosen(Message):
    """The user has chosen a chart, to be drawn instead of the current one."""

    chart: AnyChart


@dataclass
class PointsCounted(Message):
    """All points have been counted on a grid."""

    wish: Wish
    density: Density | None
    """None where that failed."""
