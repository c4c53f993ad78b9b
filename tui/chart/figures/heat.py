"""Bands of the loss above its least, evenly spaced in its logarithm: as colours or contours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tui.chart.figures.axes import HUGE, TINY, Axis, Floats
from tui.chart.figures.frame import Backdrop
from tui.chart.figures.plane import Plane
from tui.chart.figures.plot import Curve, Tag
from tui.chart.figures.roles import LEVELS, Role, level
from tui.chart.figures.view import View
from tui.kit.glyphs import CHART_GLYPHS, ChartGlyphs, spelt

if TYPE_CHECKING:
    from numpy.typing import NDArray

CORNERS = 120
"""Of the polygon that stands for an ellipse."""
LETTERS = "abcdefg"
"""The contours of ASCII, from the lowest."""


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
        rows = _bands_at(plane, np.array(ws), np.array(bs), edges)
        if half == 1:
            return [[(glyphs.bars[n], level(n)) for n in row] for row in rows.tolist()]
        pairs = LEVELS * rows[::2] + rows[1::2]
        return [[_PAIRS[pair] for pair in row] for row in pairs.tolist()]

    return cells


def contours(plane: Plane, edges: list[float]) -> list[Curve]:
    """Return the edges of the bands, one curve each; in ASCII drawn with the letters of `scale`."""
    curves = []
    for number, edge in enumerate(edges):
        ws, bs = zip(*plane.ellipse(edge, CORNERS), strict=True)
        letter = LETTERS[number]
        curves.append(Curve(level(number), ws, bs, "dotted", letter=letter, function=False))
    return curves


def lettered(view: View) -> bool:
    """Return whether contours consist of letters, so that the legend can explain each."""
    return view.glyphs == "ascii" and not view.fill


def tags(plane: Plane, edges: list[float], view: View) -> tuple[Tag, ...]:
    """Return the loss of each edge, to be written where the bands are widest."""
    if lettered(view):
        return ()
    quarter = CORNERS // 4
    order = sorted(range(CORNERS), key=lambda i: min(abs(i - quarter), abs(i - 3 * quarter)))
    found = []
    for edge in edges:
        corners = plane.ellipse(edge, CORNERS)
        found.append(Tag(f"{edge:.5g}", tuple(corners[i] for i in order)))
    return tuple(found)


def scale(name: str, edges: list[float], view: View) -> tuple[tuple[str, str], ...]:
    """Return for the legend what the bands mean: lowest and highest edge, all bands between."""
    texts, start = [f"{edge:.5g}" for edge in edges], (f"{spelt(name, view.glyphs)} ", Role.LABEL)
    if lettered(view):
        pairs = zip(LETTERS, texts, strict=True)
        letters = [
            part
            for n, (letter, text) in enumerate(pairs)
            for part in ((letter, level(n)), (f"={text} ", Role.LABEL))
        ]
        return (start, *letters)
    shades = CHART_GLYPHS["ascii"].bars
    samples = [
        (shades[n], level(n)) if view.glyphs == "ascii"
        else ("  ", f"@{level(n)}") if view.fill
        else ("━", level(n))
        for n in range(LEVELS if view.fill else LEVELS - 1)
    ]  # fmt: skip
    return (start, (f"{texts[0]} ", Role.LABEL), *samples, (f" {texts[-1]}", Role.LABEL))


def _bands_at(plane: Plane, ws: Floats, bs: Floats, edges: list[float]) -> NDArray[np.int64]:
    """The band of each pixel, a row for each b; `Plane.excess` of all at once."""
    (u, v), (first, second) = plane.axis, plane.curvatures
    db = bs[:, None] - plane.y
    with np.errstate(over="ignore", invalid="ignore"):
        p = u * ws + (v * db - u * plane.x)
        q = (u * db + v * plane.x) - v * ws
        return np.searchsorted(edges, 0.5 * (first * p * p + second * q * q), side="right")


_PAIRS = [
    (" ", f"@{level(a)}") if a == b else ("▀", f"{level(a)}@{level(b)}")
    for a in range(LEVELS)
    for b in range(LEVELS)
]
"""Upper and lower half of a cell, by `LEVELS` times the band of the upper plus the lower one."""


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
