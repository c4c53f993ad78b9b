"""Bands of the loss above its least, evenly spaced in its logarithm: as colours or contours."""

from __future__ import annotations

import math
from bisect import bisect

from tui.chart.figures.axes import HUGE, TINY, Axis
from tui.chart.figures.frame import Backdrop
from tui.chart.figures.plane import Plane
from tui.chart.figures.plot import Curve, Tag
from tui.chart.figures.roles import LEVELS, Role, level
from tui.chart.figures.view import View
from tui.kit.glyphs import CHART_GLYPHS, ChartGlyphs, spelt

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
        rows = [_row(plane, ws, b, edges) for b in bs]
        if half == 1:
            return [[(glyphs.bars[n], level(n)) for n in row] for row in rows]
        pairs = zip(rows[::2], rows[1::2], strict=True)
        return [
            [_PAIRS[upper, lower] for upper, lower in zip(*pair, strict=True)] for pair in pairs
        ]

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


def _row(plane: Plane, ws: list[float], b: float, edges: list[float]) -> list[int]:
    """The band of each pixel; `Plane.excess` inlined, since it is called thousands of times."""
    (u, v), (first, second) = plane.axis, plane.curvatures
    db = b - plane.y
    along, beside = v * db - u * plane.x, u * db + v * plane.x
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
