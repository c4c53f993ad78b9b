from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from tui.charts.clipping import clip, inside
from tui.charts.thinning import thin

UNIT = st.floats(0, 1)
CURVES = st.lists(st.tuples(UNIT, st.floats(-10, 10))).map(sorted)
ANYWHERE = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))


@given(CURVES, st.integers(1, 50))
def test_thinning_keeps_the_extremes_of_each_column_and_at_most_two_points(
    points: list[tuple[float, float]], columns: int
) -> None:
    by_column: dict[int, list[float]] = defaultdict(list)
    kept: dict[int, list[float]] = defaultdict(list)
    for x, y in points:
        by_column[min(int(x * columns), columns - 1)].append(y)
    for point in thin(points, columns):
        assert point in points and point is not None
        kept[min(int(point[0] * columns), columns - 1)].append(point[1])
    assert kept.keys() == by_column.keys()
    for column, ys in by_column.items():
        assert len(kept[column]) <= 2
        assert (min(kept[column]), max(kept[column])) == (min(ys), max(ys))


def test_thinning_keeps_gaps_and_the_neighbours_of_the_frame() -> None:
    points = [(-0.9, 0.0), (-0.1, 1.0), (0.5, 2.0), None, None, (0.6, 3.0), (1.5, 4.0), (9.0, 5.0)]
    kept = thin(points, 4)
    assert kept == [(-0.1, 1.0), (0.5, 2.0), None, (0.6, 3.0), (1.5, 4.0)]


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
