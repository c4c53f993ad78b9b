from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.charts.axes import Axis
from tui.charts.clipping import Point, clip, inside
from tui.charts.thinning import thin

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


def test_thinning_keeps_gaps_and_the_neighbours_of_the_frame() -> None:
    before, gap = [(-0.9, 0.0), (-0.1, 1.0), (0.5, 2.0)], (0.55, math.nan)
    after = [(0.6, 3.0), (1.5, 4.0), (9.0, 5.0)]
    assert thinned([*before, gap, gap, *after], 4) == [*before[1:], gap, *after[:2]]


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
