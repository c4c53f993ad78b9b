"""A curve in one row of text, for where no chart fits."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from tui.charts.axes import HUGE
from tui.charts.glyphs import GLYPHS

if TYPE_CHECKING:
    from collections.abc import Iterable


def sparkline(values: Iterable[float], width: int, ascii: bool = False) -> str:  # noqa: A002
    """Exactly `width` cells, the last value at the right; blank where nothing finite is.

    Where there are more values than cells, each cell shows the largest of its share, so that
    no peak is lost. A constant is a line at half height.
    """
    shares = _shares(list(values), width)
    finite = [share for share in shares if share is not None]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    bars = GLYPHS["ascii" if ascii else "braille"].bars
    return "".join(" " if s is None else bars[_rung(s, low, high, len(bars))] for s in shares)


def _shares(values: list[float], width: int) -> list[float | None]:
    if len(values) <= width:
        return [None] * (width - len(values)) + [_largest([value]) for value in values]
    if width <= 0:
        return []
    edges = [i * len(values) // width for i in range(width + 1)]
    return [_largest(values[a:b]) for a, b in pairwise(edges)]


def _largest(values: list[float]) -> float | None:
    return max((min(max(v, -HUGE), HUGE) for v in values if math.isfinite(v)), default=None)


def _rung(value: float, low: float, high: float, rungs: int) -> int:
    if high <= low:
        return rungs // 2 - 1
    return min(int((value - low) / (high - low) * rungs), rungs - 1)
