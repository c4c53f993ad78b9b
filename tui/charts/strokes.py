"""A curve in the units of its axes → strokes on the canvas: thinned, clipped, dashed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from tui.charts.axes import Axis
from tui.charts.canvas import Stroke, place
from tui.charts.clipping import clip, inside
from tui.charts.glyphs import GLYPHS, Glyphs, Level
from tui.charts.plot import Curve, Plot
from tui.charts.thinning import Point, thin

DASHES = {"dashed": (4, 3), "dotted": (1, 2)}
"""Pixels drawn and left out, in turn."""
SPARSE = 1 / 8
"""Up to this part of the cells, points are a glyph each; beyond, one pixel each."""
CROWD = 2500
"""Beyond so many pixels, points are shades of density."""


def strokes(curve: Curve, plot: Plot, width: int, height: int, level: Level) -> list[Stroke]:
    """What to draw for a curve on a canvas of so many cells."""
    glyphs = GLYPHS[level]
    size = (width * glyphs.across, height * glyphs.up)
    points = places(curve, plot.x, plot.y)
    if curve.style == "points":
        return _scatter(curve.role, [p for p in points if p and inside(p)], (width, height), glyphs)
    pieces = _distinct(clip(thin(points, width) if curve.function else points), size)
    mark = (curve.letter or glyphs.samples[curve.style]) if level == "ascii" else None
    if curve.style == "solid":
        return [Stroke(curve.role, piece, True, mark) for piece in pieces]
    dash = (2, 1) if level == "ascii" else DASHES[curve.style]
    loose = [point for piece in pieces for point in dashed(piece, size, dash)]
    return [Stroke(curve.role, loose, False, mark)]


def places(curve: Curve, x: Axis, y: Axis) -> list[Point | None]:
    """Where a curve's points are, as fractions of the axes; None for a gap."""
    return [
        None if px is None or py is None else (px, py)
        for px, py in zip(map(x.place, curve.xs), map(y.place, curve.ys), strict=True)
    ]


def dashed(piece: Sequence[Point], size: tuple[int, int], dash: tuple[int, int]) -> list[Point]:
    """Points a pixel apart along a polyline, in dashes of so many pixels on and off."""
    kept: list[Point] = []
    walked = 0
    for (x, y), (to_x, to_y) in pairwise(piece):
        count = max(1, math.ceil(max(abs(to_x - x) * size[0], abs(to_y - y) * size[1])))
        for i in range(count):
            if (walked + i) % sum(dash) < dash[0]:
                kept.append((x + i / count * (to_x - x), y + i / count * (to_y - y)))
        walked += count
    return kept or list(piece)


def _distinct(pieces: list[list[Point]], size: tuple[int, int]) -> list[list[Point]]:
    """The pieces without steps shorter than a pixel and without lines that are there already."""
    seen: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    kept: list[list[Point]] = []
    for piece in pieces:
        current, at = [piece[0]], place(piece[0], *size)
        for point in piece[1:]:
            to = place(point, *size)
            if to == at:
                continue
            if (at, to) in seen:
                kept.append(current)
                current = [point]
            else:
                seen.update(((at, to), (to, at)))
                current.append(point)
            at = to
        kept.append(current)
    return kept


def _scatter(role: str, points: list[Point], size: tuple[int, int], glyphs: Glyphs) -> list[Stroke]:
    width, height = size
    cells = Counter(place(point, width, height) for point in points)
    if len(cells) <= SPARSE * width * height:
        return [Stroke(role, points, False, glyphs.samples["points"])]
    pixels = {place(point, width * glyphs.across, height * glyphs.up) for point in points}
    if glyphs.across > 1 and len(pixels) <= CROWD:
        return [Stroke(role, points, False)]
    top = math.log(max(cells.values()) + 1)
    last = len(glyphs.shades) - 1
    shaded: dict[str, list[Point]] = {shade: [] for shade in glyphs.shades}
    for (column, row), count in cells.items():
        shade = glyphs.shades[round(math.log(count) / top * last)]
        shaded[shade].append(((column + 0.5) / width, (row + 0.5) / height))
    return [Stroke(role, group, False, shade) for shade, group in shaded.items()]
