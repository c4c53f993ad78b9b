"""A curve in one row of text, for where no chart fits."""

from __future__ import annotations

import math

import numpy as np

from tui.chart.figures.axes import HUGE, Numbers
from tui.kit.glyphs import CHART_GLYPHS


def sparkline(values: Numbers, width: int, ascii: bool = False) -> str:  # noqa: A002
    """Draw values in exactly `width` cells, the last at the right; blank where none is finite.

    Where there are more values than cells, each cell shows the largest of its share, so that
    no peak is lost. A constant is a line at half height.
    """
    shares = _shares(values, width)
    finite = [share for share in shares if math.isfinite(share)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    bars = CHART_GLYPHS["ascii" if ascii else "braille"].bars
    drawn = (bars[_rung(s, low, high, len(bars))] if math.isfinite(s) else " " for s in shares)
    return "".join(drawn).rjust(width)


def _shares(values: Numbers, width: int) -> list[float]:
    """The largest finite value of each share, -inf where there is none."""
    numbers = np.asarray(values, np.float64)
    count = min(len(numbers), width)
    if count <= 0:
        return []
    numbers = np.where(np.isfinite(numbers), numbers.clip(-HUGE, HUGE), -np.inf)
    starts = [i * len(numbers) // count for i in range(count)]
    shares: list[float] = np.maximum.reduceat(numbers, starts).tolist()
    return shares


def _rung(value: float, low: float, high: float, rungs: int) -> int:
    if high <= low:
        return rungs // 2 - 1
    return min(int((value - low) / (high - low) * rungs), rungs - 1)
