"""A curve in the units of its axes → strokes on the canvas: thinned, clipped, dashed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from tui.chart.figures.axes import Floats, as_array
from tui.chart.figures.canvas import Stroke, pixels
from tui.chart.figures.clipping import Point, clip, inside
from tui.chart.figures.plot import Curve, Plot
from tui.chart.figures.thinning import moving, thin, visited
from tui.kit.glyph_level import Level
from tui.kit.glyphs import CHART_GLYPHS, ChartGlyphs

DASHES = {"solid": (1, 0), "dashed": (4, 3), "dotted": (1, 2)}
"""Pixels drawn and left out, in turn."""
FEW = 100
"""Up to so many points are a glyph each; beyond, one pixel each."""
TANGLE = 5_000
"""A path that is in so many pixels one after another is drawn as these, without lines between."""
SCRAPS = 16
"""A line in more pieces is drawn pixel by pixel: each piece is as much work as a whole curve."""
CROWD = 2500
"""Beyond so many pixels, points are shades of density."""


def strokes(curve: Curve, plot: Plot, width: int, height: int, level: Level) -> list[Stroke]:
    """Return what to draw for a curve on a canvas of so many cells."""
    glyphs = CHART_GLYPHS[level]
    size = (width * glyphs.across, height * glyphs.up)
    if curve.function and curve.style != "points":
        curve = _thinned(curve, plot, size[0])
    xs, ys = np.asarray(curve.xs, np.float64), np.asarray(curve.ys, np.float64)
    if curve.style == "points":
        points = [p for p in _fractions(xs, ys, plot) if p and inside(p)]
        return _scatter(curve.role, points, (width, height), glyphs)
    mark = (curve.letter or glyphs.samples[curve.style]) if level == "ascii" else None
    if not curve.function:
        across, up = plot.x.pixels(xs, size[0]), plot.y.pixels(ys, size[1])
        kept = moving(across, up)
        if kept.sum() > TANGLE:
            return [Stroke(curve.role, (visited(across, up, size) + 0.5) / size, False, mark)]
        xs, ys = xs[kept], ys[kept]
    if curve.first is not None:
        xs, ys = np.append(curve.first[0], xs), np.append(curve.first[1], ys)
    pieces = _distinct(clip(_fractions(xs, ys, plot)), size)
    straight = all(len(piece) == 2 for piece in pieces)  # plotext would round its ends only
    if curve.style == "solid" and len(pieces) <= SCRAPS and not straight:
        return [Stroke(curve.role, piece, True, mark) for piece in pieces]
    dash = (2, 1) if mark and curve.style != "solid" else DASHES[curve.style]
    return [Stroke(curve.role, dashed(pieces, size, dash), False, mark)] if pieces else []


def _thinned(curve: Curve, plot: Plot, columns: int) -> Curve:
    """The curve with no more points than so many columns of pixels show."""
    ys = as_array(curve.ys)
    if not ys.size:
        return curve
    known, edges = plot.y.known(ys), plot.x.edges(columns)
    if isinstance(curve.xs, range):
        those = thin(curve.xs, ys, known, edges)
        return replace(curve, xs=[curve.xs[at] for at in those], ys=ys[those])
    xs = as_array(curve.xs)
    those = thin(xs, ys, known, edges)
    return replace(curve, xs=xs[those], ys=ys[those])


def _fractions(xs: Floats, ys: Floats, plot: Plot) -> list[Point | None]:
    """Points as fractions of the axes; None for a gap."""
    pairs = zip(plot.x.fractions(xs).tolist(), plot.y.fractions(ys).tolist(), strict=True)
    return [None if x != x or y != y else (x, y) for x, y in pairs]


def _middles(met: Iterable[tuple[int, int]], size: tuple[int, int]) -> list[Point]:
    return [((x + 0.5) / size[0], (y + 0.5) / size[1]) for x, y in met]


def dashed(
    pieces: Sequence[Sequence[Point]], size: tuple[int, int], dash: tuple[int, int]
) -> Floats:
    """Return points a pixel apart along polylines, in dashes of so many pixels on and off."""
    alone = [piece[0] for piece in pieces if len(piece) == 1]
    starts = np.array([point for piece in pieces for point in piece[:-1]]).reshape(-1, 2)
    ways = np.array([point for piece in pieces for point in piece[1:]]).reshape(-1, 2) - starts
    counts = np.maximum(np.ceil((abs(ways) * size).max(1)), 1).astype(np.int64)
    ends = np.cumsum(counts)
    before = ends - counts
    lines = np.array([len(piece) - 1 for piece in pieces if len(piece) > 1], np.int64)
    firsts = before[np.cumsum(lines) - lines]
    at = np.arange(counts.sum())
    walked = at - np.repeat(np.repeat(firsts, lines), counts)
    on = walked % sum(dash) < dash[0]
    parts = (at - np.repeat(before, counts))[on] / np.repeat(counts, counts)[on]
    drawn = np.repeat(starts, counts, 0)[on] + parts[:, None] * np.repeat(ways, counts, 0)[on]
    return np.concatenate([drawn, np.array(alone).reshape(-1, 2)])


def _distinct(pieces: list[list[Point]], size: tuple[int, int]) -> list[list[Point]]:
    """The pieces without steps shorter than a pixel and without lines that are there already."""
    seen: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    kept: list[list[Point]] = []
    for piece in pieces:
        met = _met(piece, size)
        current, at = [piece[0]], met[0]
        for point, to in zip(piece[1:], met[1:], strict=True):
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


def _met(points: Sequence[Point], size: tuple[int, int]) -> list[tuple[int, int]]:
    """The pixel of each point."""
    xs, ys = pixels(points, *size)
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def _scatter(
    role: str, points: list[Point], size: tuple[int, int], glyphs: ChartGlyphs
) -> list[Stroke]:
    width, height = size
    cells = Counter(_met(points, size))
    if len(points) <= FEW:
        return [Stroke(role, points, False, glyphs.samples["points"])]
    met = set(_met(points, (width * glyphs.across, height * glyphs.up)))
    if glyphs.across > 1 and len(met) <= CROWD:
        return [Stroke(role, points, False)]
    most = max(cells.values())
    shaded: dict[str, list[Point]] = {shade: [] for shade in glyphs.shades}
    for cell, count in cells.items():
        shaded[shade(count, most, glyphs)] += _middles([cell], size)
    return [Stroke(role, group, False, mark) for mark, group in shaded.items()]


def shade(count: int, most: int, glyphs: ChartGlyphs) -> str:
    """Return the glyph of a cell with `count` points, `most` in the densest; by the logarithm."""
    last = len(glyphs.shades) - 1
    return glyphs.shades[round(math.log(count) / math.log(most + 1) * last)]
