"""Bands of the loss above its least, evenly spaced in its logarithm: as colours or contours."""

from __future__ import annotations

import math
from bisect import bisect

from tui.chart.figures.axes import HUGE, TINY, Axis
from tui.chart.figures.frame import Backdrop
from tui.chart.figures.plane import Plane
from tui.chart.figures.plot import Curve
from tui.chart.figures.roles import LEVELS, Role, level
from tui.kit.glyphs import CHART_GLYPHS, ChartGlyphs, Level

CORNERS = 120
"""Of the polygon that stands for an ellipse."""


def bands(plane: Plane, x: Axis, y: Axis) -> list[float]:
    """Return the upper edges of all bands but the last, ascending, from … 1, 2, 5 …."""
    corners = [plane.excess(x.value(i), y.value(j)) for i in (0, 1) for j in (0, 1)]
    top = min(max([TINY, *filter(math.isfinite, corners)]), HUGE)
    highest = _rung_below(0.6 * top)
    return [_rung(highest - i) for i in reversed(range(LEVELS - 1))]


def heat_map(plane: Plane, edges: list[float]) -> Backdrop:
    """Return a backdrop: two pixels a cell, one above the other, in the colours of their bands."""

    def cells(
        x: Axis, y: Axis, width: int, height: int, glyphs: ChartGlyphs
    ) -> list[list[tuple[str, str]]]:
        half = 2 if glyphs.half else 1
        ws = [x.value((i + 0.5) / width) for i in range(width)]
        bs = [y.value(1 - (i + 0.5) / (height * half)) for i in range(height * half)]
        rows = [_row(plane, ws, b, edges) for b in bs]
        if half == 1:
            return [[(glyphs.bars[n], level(n)) for n in row] for row in rows]
        pairs = zip(rows[::2], rows[1::2], strict=True)
        return [
            [_PAIRS[upper, lower] for upper, lower in zip(*pair, strict=True)] for pair in pairs
        ]

    return cells


def contours(plane: Plane, edges: list[float]) -> list[Curve]:
    """Return the edges of the bands, one curve each; in ASCII drawn with the band's number."""
    curves = []
    for number, edge in enumerate(edges):
        ws, bs = zip(*plane.ellipse(edge, CORNERS), strict=True)
        curves.append(Curve(level(number), ws, bs, "dotted", letter=str(number), function=False))
    return curves


def scale(edges: list[float], glyphs: Level, fill: bool) -> tuple[tuple[str, str], ...]:
    """Return for the legend what the colours mean: lowest and highest edge, all bands between."""
    numbers = range(LEVELS) if fill else range(LEVELS - 1)
    ascii_samples = CHART_GLYPHS["ascii"].bars if fill else "0123456"
    samples = [
        (ascii_samples[n], level(n)) if glyphs == "ascii"
        else ("  ", f"@{level(n)}") if fill
        else ("━", level(n))
        for n in numbers
    ]  # fmt: skip
    low, high = (f"{edges[i]:.5g}" for i in (0, -1))
    return (("J - J* ", Role.LABEL), (f"{low} ", Role.LABEL), *samples, (f" {high}", Role.LABEL))


def _row(plane: Plane, ws: list[float], b: float, edges: list[float]) -> list[int]:
    """The band of each pixel; `Plane.excess` inlined, since it is called thousands of times."""
    (u, v), (first, second) = plane.axis, plane.curvatures
    db = b - plane.b
    along, beside = v * db - u * plane.w, u * db + v * plane.w
    offsets = ((u * w + along, beside - v * w) for w in ws)
    return [bisect(edges, 0.5 * (first * p * p + second * q * q)) for p, q in offsets]


_PAIRS = {
    (a, b): (" ", f"@{level(a)}") if a == b else ("▀", f"{level(a)}@{level(b)}")
    for a in range(LEVELS)
    for b in range(LEVELS)
}


def _rung(number: int) -> float:
    """… 1, 2, 5, 10 …, counted from 1 as 0."""
    power, digit = divmod(number, 3)
    return float(f"{(1, 2, 5)[digit]}e{power}")


def _rung_below(value: float) -> int:
    """The number of the highest rung that is not above a value."""
    number = 3 * math.floor(math.log10(value))
    while _rung(number + 1) <= value:
        number += 1
    return number
