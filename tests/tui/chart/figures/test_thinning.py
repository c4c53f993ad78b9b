from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from itertools import groupby
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.chart.figures.axes import NOWHERE, Axis
from tui.chart.figures.clipping import Point, clip, inside
from tui.chart.figures.plot import Curve, Plot
from tui.chart.figures.strokes import strokes
from tui.chart.figures.thinning import moving, thin, visited

UNIT = st.floats(0, 1)
CURVES = st.lists(st.tuples(UNIT, st.floats(-10, 10))).map(sorted)
ANYWHERE = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))


def thinned(points: list[Point], columns: int) -> list[Point]:
    xs, ys = np.array(points, dtype=np.float64).reshape(-1, 2).T
    kept = thin(xs, ys, np.isfinite(ys), Axis(0.0, 1.0).edges(columns))
    return [points[i] for i in kept]


@given(CURVES.filter(bool), st.integers(1, 50))
def test_thinning_keeps_the_extremes_of_each_column_and_at_most_two_points(
    points: list[Point], columns: int
) -> None:
    edges = Axis(0.0, 1.0).edges(columns)
    by_column: dict[int, list[float]] = defaultdict(list)
    kept: dict[int, list[float]] = defaultdict(list)
    for x, y in points:
        by_column[min(bisect_right(edges, x), columns)].append(y)
    for x, y in thinned(points, columns):
        kept[min(bisect_right(edges, x), columns)].append(y)
    assert kept.keys() == by_column.keys()
    for column, ys in by_column.items():
        assert len(kept[column]) <= 2
        assert (min(kept[column]), max(kept[column])) == (min(ys), max(ys))


@given(st.integers(1, 60), UNIT, UNIT, st.integers(1, 50), st.randoms())
def test_whole_numbers_are_thinned_as_others_are(
    count: int, left: float, right: float, columns: int, chance: Random
) -> None:
    ys = np.array([chance.random() for _ in range(count)])
    edges = Axis(-1.0, count + 1.0).seen(min(left, right), max(left, right)).edges(columns)
    known = np.isfinite(ys)
    found = thin(np.arange(count, dtype=np.float64), ys, known, edges)
    assert thin(np.arange(count), ys, known, edges) == found
    assert thin(range(count), ys, known, edges) == found


def test_thinning_keeps_gaps_and_the_neighbours_of_the_frame() -> None:
    before, gap = [(-0.9, 0.0), (-0.1, 1.0), (0.5, 2.0)], (0.55, math.nan)
    after = [(0.6, 3.0), (1.5, 4.0), (9.0, 5.0)]
    assert thinned([*before, gap, gap, *after], 4) == [*before[1:], gap, *after[:2]]


PIXELS = st.lists(st.tuples(st.integers(-2, 4), st.integers(-2, 4)))


@given(PIXELS)
def test_a_path_goes_through_the_same_pixels_when_thinned(path: list[tuple[int, int]]) -> None:
    xs, ys = np.array(path, dtype=np.int32).reshape(-1, 2).T
    kept = [point for point, is_so in zip(path, moving(xs, ys), strict=True) if is_so]
    stays = [(pixel, min(len(list(group)), 2)) for pixel, group in groupby(path)]
    assert [(pixel, len(list(group))) for pixel, group in groupby(kept)] == stays
    assert {*map(tuple, visited(xs, ys, (4, 4)).tolist())} == {
        p for p in path if min(p) >= 0 and max(p) < 4
    }


@given(st.lists(st.floats()), st.booleans(), st.integers(1, 300))
def test_pixels_are_where_places_are(values: list[float], log: bool, count: int) -> None:
    axis, numbers = Axis(-1.0, 2.0, log), np.array(values, dtype=np.float64)
    for place, pixel in zip(axis.fractions(numbers), axis.pixels(numbers, count), strict=True):
        if np.isnan(place):
            assert pixel == NOWHERE
        else:
            assert -1e-6 <= min(max(place * count, -1), count) - pixel <= 1 + 1e-6


def test_a_path_that_is_everywhere_is_drawn_without_the_lines_between() -> None:
    turns = np.arange(10_000) * 2.4
    axis = Axis(-1.0, 1.0)
    knot = Curve("path", 0.9 * np.cos(turns), 0.9 * np.sin(turns), function=False)
    few = Curve("path", knot.xs[:100], knot.ys[:100], function=False)
    plot = Plot("", "", "", "", axis, axis)
    assert all(stroke.joined for stroke in strokes(few, plot, 40, 20, "braille"))
    (ring,) = strokes(knot, plot, 40, 20, "braille")
    assert not ring.joined
    assert all(0.3 < math.hypot(x - 0.5, y - 0.5) < 0.6 for x, y in ring.points)


@given(st.lists(st.none() | ANYWHERE))
def test_clipping_leaves_only_what_is_inside(points: list[tuple[float, float] | None]) -> None:
    for piece in clip(points):
        assert piece and all(map(inside, piece))


def test_a_line_across_the_frame_is_cut_at_both_edges() -> None:
    assert clip([(-1.0, 0.5), (3.0, 0.5)]) == [[(0.0, 0.5), (1.0, 0.5)]]
    assert clip([(0.5, 0.5), (0.5, 9.0), None, (0.2, 0.2)]) == [
        [(0.5, 0.5), (0.5, 1.0)],
        [(0.2, 0.2)],
    ]
    assert clip([(-1.0, 0.5), (0.5, 3.0)]) == []
