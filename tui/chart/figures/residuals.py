"""What the line leaves unexplained: how it is distributed, and whether it depends on x."""

from __future__ import annotations

import math
from dataclasses import replace

from engine.plurals import counted
from tui.chart.figures.axes import Axis, sticky
from tui.chart.figures.cells import above, beside
from tui.chart.figures.frame import APART, GUTTER, LEAST, Backdrop, draw
from tui.chart.figures.plot import Curve, Plot, across
from tui.chart.figures.roles import Role
from tui.chart.figures.scene import Scene, predict
from tui.chart.figures.view import View
from tui.kit.glyphs import ChartGlyphs
from tui.kit.spans import Picture

WIDE = 64
"""From this width on the two stand side by side, not one above the other."""
BAR = 3
"""Columns of a bar at least: where bars are wider or narrower by one it is hardly seen."""


def residuals(scene: Scene, view: View) -> Picture:
    """Draw residuals y - ŷ against x (several features: against ŷ) and their histogram.

    Where only one of them fits, it is the first.
    """
    if view.width >= WIDE:
        half = view.width // 2
        left = _against(scene, view.sized(half, view.height))
        return beside(left, _histogram(scene, view.sized(view.width - half, view.height)))
    if view.height >= 2 * LEAST[1]:
        half = (view.height + 1) // 2
        top = _against(scene, view.sized(view.width, half))
        return above(top, _histogram(scene, view.sized(view.width, view.height - half)))
    return _against(scene, view)


def values(scene: Scene, view: View) -> list[float]:
    """Return the residual y - ŷ of each point that is there."""
    if scene.points is None:
        return []
    state = scene.state(view)
    return [y - predict(x, state) for x, y in zip(scene.points.x, scene.points.y, strict=True)]


def _against(scene: Scene, view: View) -> Picture:
    points, state = scene.points, scene.state(view)
    several = scene.run.problem.features > 1
    left = values(scene, view)
    rows = points.x if points else ()
    xs = [predict(row, state) for row in rows] if several else scene.own_xs(row[0] for row in rows)
    y = sticky([0.0, *left])
    x = sticky(xs if several else scene.x_range or ())
    count = counted(len(left), "residual")
    if points and points.total > len(left):
        count = f"{len(left):,} of {points.total:,} residuals"
    curves = (across(Role.TRUTH, x, 0.0), Curve(Role.RESIDUAL, xs, left, "points", count))
    name = "ŷ" if several else scene.names[0]
    note = "" if points else "the points are not there"
    return draw(Plot(f"Residuals against {name}", "", name, "y-ŷ", x, y, curves, note=note), view)


def _histogram(scene: Scene, view: View) -> Picture:
    left = [v for v in values(scene, view) if math.isfinite(v)]
    x = sticky([0.0, *left])
    counts = _counts(left, x, (view.width - GUTTER - 2) // BAR)
    largest = sticky([0.0, *map(float, counts)])
    y = Axis(0.0, max(largest.high, 1.0), counts=True)
    middle = sum(v / len(left) for v in left)
    spread = math.hypot(*(v - middle for v in left)) / math.sqrt(max(len(left), 1))
    readout = f"mean {middle:+.1e}{APART}sd {spread:.1e}" if left else ""
    plot = Plot("Histogram", readout, "y-ŷ", "count", x, y)
    return draw(plot, replace(view, window=None), _bars(counts))


def _counts(numbers: list[float], x: Axis, most: int) -> list[int]:
    """How many lie in each of about √n equal bins of the axis."""
    counts = [0] * max(min(max(math.ceil(math.sqrt(len(numbers))), 8), most), 1)
    for number in numbers:
        fraction = x.fraction(number)
        if fraction is not None and 0 <= fraction <= 1:
            counts[min(int(fraction * len(counts)), len(counts) - 1)] += 1
    return counts


def _bars(counts: list[int]) -> Backdrop:
    """A bar a bin, exact to an eighth of a cell."""

    def cells(
        x: Axis, y: Axis, width: int, height: int, glyphs: ChartGlyphs
    ) -> list[list[tuple[str, str]]]:
        columns = [
            counts[column * len(counts) // width] / y.high * height for column in range(width)
        ]
        return [[_slice(full - row, glyphs) for full in columns] for row in reversed(range(height))]

    return cells


def _slice(part: float, glyphs: ChartGlyphs) -> tuple[str, str]:
    """One cell of a bar that fills this part of it, from below."""
    if part <= 0:
        return " ", ""
    whole = len(glyphs.bars)
    if glyphs.across == 1:
        return ("#", Role.RESIDUAL) if part >= 0.5 else (" ", "")
    return glyphs.bars[min(max(round(part * whole), 1), whole) - 1], Role.RESIDUAL
