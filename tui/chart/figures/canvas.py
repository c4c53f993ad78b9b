"""plotext, in a room of its own: pixels in, cells out; imported here only, at the first drawing.

plotext raises, hangs or writes nonsense on much that a diverging run produces, so it is only
given pixel numbers within the canvas. Its module-level figure is shared by all threads; here
each drawing has a private one. Colours are numbers that stand for roles, read back from the
cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tui.chart.figures.cells import Cell
from tui.chart.figures.clipping import Point
from tui.kit.glyphs import CHART_GLYPHS, Level

FIRST_COLOUR = 16
"""Of plotext's 256: the first that is not one of the terminal's own sixteen."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """Something to draw with one role, in fractions of the canvas from the lower left."""

    role: str
    points: Sequence[Point]
    """Within the unit square, both ends included."""
    joined: bool
    mark: str | None = None
    """A glyph in each cell met, instead of the level's pixels."""


def raster(width: int, height: int, level: Level, strokes: Sequence[Stroke]) -> list[list[Cell]]:
    """Draw strokes into rows of cells, the last stroke on top; returns the top row first."""
    strokes = [stroke for stroke in strokes if stroke.points]
    if not strokes:
        return [[(" ", "")] * width for _ in range(height)]
    roles = sorted({stroke.role for stroke in strokes})
    figure = _figure(width, height)
    marker = CHART_GLYPHS[level]
    for stroke in strokes:
        across, up = (1, 1) if stroke.mark else (marker.across, marker.up)
        met = pixels(stroke.points, width * across, height * up)
        if not stroke.joined:
            met = list(dict.fromkeys(met))
        draw = figure.plot if stroke.joined else figure.scatter
        draw(
            [_centre(x, width * across) for x, _ in met],
            [_centre(y, height * up) for _, y in met],
            marker=stroke.mark or marker.marker,
            color=FIRST_COLOUR + roles.index(stroke.role),
        )
    return _cells(figure, roles)


def pixel(fraction: float, count: int) -> int:
    """Return which of `count` pixels, or cells, holds a fraction from 0 to 1; from 0."""
    return min(int(fraction * count), count - 1)


def pixels(points: Iterable[Point], columns: int, rows: int) -> list[tuple[int, int]]:
    """Return the pixel, or cell, of each point of the unit square: 0 at its lower or left edge."""
    right, top = columns - 1, rows - 1
    return [(min(int(x * columns), right), min(int(y * rows), top)) for x, y in points]


def _centre(pixel: int, count: int) -> float:
    """Where plotext, whose limits are 0 and 1 at the centres of the outer pixels, finds it."""
    return pixel / (count - 1) if count > 1 else 0.0


def _figure(width: int, height: int) -> Any:  # plotext has no types
    # Late: the first frame is painted before plotext is there.
    from plotext import _utility
    from plotext._figure import _figure_class

    _utility.hd_group = grouped
    figure = _figure_class()
    figure.theme("clear")
    figure._limit_size(False, False)
    figure.plot_size(width, height)
    figure.frame(False)
    figure.xfrequency(0)
    figure.yfrequency(0)
    figure.xlim(0, 1)
    figure.ylim(0, 1)
    return figure


def grouped(
    xs: Sequence[int], ys: Sequence[int], across: Sequence[int], up: Sequence[int]
) -> tuple[list[int], list[int], list[tuple[int, ...]]]:
    """Return the cells that pixels are in, and which pixels of each, top row first, are set.

    plotext's own `hd_group`, with the same result: that one makes a matrix for every pixel,
    which takes most of the time of a whole chart.
    """
    wide, high = max(across), max(up)
    cells: dict[tuple[int, int], list[int]] = {}
    for x, y in zip(xs, ys, strict=True):
        cell = cells.setdefault((x // wide, y // high), [])
        if not cell:
            cell += [0] * (wide * high)
        cell[(high - 1 - y % high) * wide + x % wide] = 1
    columns, rows = map(list, zip(*cells, strict=True))
    return columns, rows, [*map(tuple, cells.values())]


def _cells(figure: Any, roles: Sequence[str]) -> list[list[Cell]]:
    """What plotext has drawn, before it makes one long string with escape codes of it."""
    figure._set_sizes()
    figure._build_matrix()
    matrix = figure.monitor.matrix
    names = {FIRST_COLOUR + i: role for i, role in enumerate(roles)}
    rows = zip(matrix.marker, matrix.fullground, strict=True)
    cells = [
        [(char, names.get(colour, "")) for char, colour in zip(*row, strict=True)] for row in rows
    ]
    return cells[::-1]
