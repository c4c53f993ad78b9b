"""plotext, in a room of its own: pixels in, cells out; imported here only, at the first drawing.

plotext raises, hangs or writes nonsense on much that a diverging run produces, so it is only
given pixel numbers within the canvas. Its module-level figure is shared by all threads; here
each drawing has a private one. Colours are numbers that stand for roles, read back from the
cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import product
from threading import get_ident
from typing import Any, NamedTuple

import numpy as np

from tui.chart.figures.axes import Floats, Pixels
from tui.chart.figures.cells import Cell
from tui.chart.figures.clipping import Point
from tui.chart.figures.thinning import visited
from tui.kit.glyph_level import Level
from tui.kit.glyphs import CHART_GLYPHS

FIRST_COLOUR = 16
"""Of plotext's 256: the first that is not one of the terminal's own sixteen."""
BLANK = (" ", "")
"""A cell in which nothing is drawn."""
KEPT = 8
"""Drawings that are kept: of two charts, each the last and some before it."""
FIGURES = 8
"""Figures that are kept: of the sizes of charts that are on the screen together."""

Rows = tuple[tuple[Cell, ...], ...]
"""The cells of a drawing, the top row first."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """Something to draw with one role, in fractions of the canvas from the lower left."""

    role: str
    points: Sequence[Point] | Floats
    """Within the unit square, both ends included; as an array a row each."""
    joined: bool
    mark: str | None = None
    """A glyph in each cell met, instead of the level's pixels."""


class Trace(NamedTuple):
    """A stroke as the pixels that it meets, which stay the same through most of a long run."""

    role: str
    joined: bool
    marker: str
    size: tuple[int, int]
    """Of the canvas in the pixels of the marker, across and up."""
    columns: bytes
    rows: bytes
    """From the lowest up; both as the bytes of an array of int32."""


def raster(width: int, height: int, level: Level, strokes: Sequence[Stroke]) -> Rows:
    """Draw strokes into rows of cells, the last stroke on top; returns the top row first."""
    traces = [_trace(width, height, level, stroke) for stroke in strokes if len(stroke.points)]
    return drawn(width, height, tuple(traces)) if traces else ((BLANK,) * width,) * height


def _trace(width: int, height: int, level: Level, stroke: Stroke) -> Trace:
    marker = CHART_GLYPHS[level]
    across, up = (1, 1) if stroke.mark else (marker.across, marker.up)
    size = width * across, height * up
    xs, ys = pixels(stroke.points, *size)
    if not stroke.joined:
        xs, ys = visited(xs, ys, size).T
    glyph = stroke.mark or marker.marker
    return Trace(stroke.role, stroke.joined, glyph, size, xs.tobytes(), ys.tobytes())


@lru_cache(maxsize=KEPT)
def drawn(width: int, height: int, traces: tuple[Trace, ...]) -> Rows:
    """Draw traces as `raster` does strokes; what was drawn lately is not drawn again."""
    roles = sorted({trace.role for trace in traces})
    figure = _figure(width, height, get_ident())
    figure.clear_data()
    figure.xlim(0, 1)
    figure.ylim(0, 1)
    for trace in traces:
        draw = figure.plot if trace.joined else figure.scatter
        draw(
            _centres(trace.columns, trace.size[0]),
            _centres(trace.rows, trace.size[1]),
            marker=trace.marker,
            color=FIRST_COLOUR + roles.index(trace.role),
        )
    return _cells(figure, roles)


def pixel(fraction: float, count: int) -> int:
    """Return which of `count` pixels, or cells, holds a fraction from 0 to 1; from 0."""
    return min(int(fraction * count), count - 1)


def pixels(points: Sequence[Point] | Floats, columns: int, rows: int) -> tuple[Pixels, Pixels]:
    """Return the pixel, or cell, of each point of the unit square: 0 at its lower or left edge."""
    fractions = np.asarray(points, np.float64).reshape(-1, 2)
    met = (fractions * (columns, rows)).astype(np.int32)
    return np.minimum(met[:, 0], columns - 1), np.minimum(met[:, 1], rows - 1)


def _centres(pixels: bytes, count: int) -> list[float]:
    """Where plotext, whose limits are 0 and 1 at the centres of the outer pixels, finds them."""
    centres: list[float] = (np.frombuffer(pixels, np.int32) / max(count - 1, 1)).tolist()
    return centres


@lru_cache(maxsize=FIGURES)
def _figure(width: int, height: int, _thread: int) -> Any:  # plotext has no types
    """A figure of a thread's own, which is cleared for each chart: making one takes longer."""
    # Late: the first frame is painted before plotext is there.
    from plotext._figure import _figure_class

    figure = _figure_class()
    figure.theme("clear")
    figure._limit_size(False, False)
    figure.plot_size(width, height)
    figure.frame(False)
    figure.xfrequency(0)
    figure.yfrequency(0)
    figure.monitor.build_plot = partial(build, figure.monitor)
    return figure


def build(monitor: Any) -> None:
    """Draw lines and points between 0 and 1, all that there is on a figure, into its matrix.

    plotext's own `build_plot`, with the same cells: that one makes lists of everything about
    every pixel several times over, which takes most of the time of a whole chart.
    """
    width, height = monitor.size
    chars, colours = np.full((height, width), " "), np.zeros((height, width), np.int32)
    signals = zip(monitor.x, monitor.y, monitor.marker, monitor.color, monitor.lines, strict=True)
    for xs, ys, (marker, *_), (colour, *_), joined in signals:
        across, up = _PIXELS.get(marker, (1, 1))
        columns, rows = _places(xs, width * across), _places(ys, height * up)
        if joined:
            columns, rows = line(columns, rows)
        met = np.zeros((height, up, width, across), np.bool_)
        met.reshape(height * up, width * across)[rows, columns] = True
        codes = np.tensordot(met, _weights(across, up), ((1, 3), (0, 1)))
        drawn = codes > 0
        chars[drawn] = _glyphs(marker)[codes[drawn]]
        colours[drawn] = colour
    monitor.matrix.marker, monitor.matrix.fullground = chars.tolist(), colours.tolist()


def line(xs: Pixels, ys: Pixels) -> tuple[Pixels, Pixels]:
    """Return the pixels from each to the next, those of the ends included."""
    right, up = np.diff(xs), np.diff(ys)
    steps = np.maximum(abs(right), abs(up))
    first = np.cumsum(steps) - steps
    at = np.arange(steps.sum()) - np.repeat(first, steps)
    long = np.maximum(steps, 1)
    walked = [
        np.append((np.repeat(start[:-1], steps) + at * np.repeat(by / long, steps)), start[-1])
        for start, by in ((xs, right), (ys, up))
    ]
    return walked[0].astype(np.int32), walked[1].astype(np.int32)


_PIXELS = {"braille": (2, 4), "hd": (2, 2)}
"""Across and up in a cell, by plotext's marker."""


def _places(fractions: list[float], count: int) -> Pixels:
    return (0.5 + np.array(fractions) * (count - 1)).astype(np.int32)


@cache
def _weights(across: int, up: int) -> Pixels:
    """What each pixel of a cell, from the lowest row up, adds to the number of its glyph."""
    return (1 << np.arange(across * up, dtype=np.int32)).reshape(up, across)[::-1]


@cache
def _glyphs(marker: str) -> Any:
    """The glyph of each number."""
    from plotext import _utility

    if marker not in _PIXELS:
        return np.array([" ", marker])
    across, up = _PIXELS[marker]
    codes = product((0, 1), repeat=across * up)
    return np.array([_utility.get_hd_marker(code[::-1]) for code in codes])


def _cells(figure: Any, roles: Sequence[str]) -> Rows:
    """What plotext has drawn, before it makes one long string with escape codes of it."""
    figure._set_sizes()
    figure._build_matrix()
    matrix = figure.monitor.matrix
    names = {FIRST_COLOUR + i: role for i, role in enumerate(roles)}
    rows = zip(matrix.marker, matrix.fullground, strict=True)
    cells = tuple(
        tuple((char, names.get(colour, "")) for char, colour in zip(*row, strict=True))
        for row in rows
    )
    return cells[::-1]
