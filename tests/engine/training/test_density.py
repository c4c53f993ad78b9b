from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.source import Synthetic
from engine.training.dataset import Dataset, dataset
from engine.training.density import Density, Grid, Wish
from engine.training.point_counts import BLOCK, count_points, density
from engine.training.problem import Problem, State

OFF_EDGES = st.integers(-40, 120).map(lambda i: (i + 0.5) / 10)
NUMBERS = OFF_EDGES | st.sampled_from([math.nan, math.inf, -math.inf])


def counted(
    points: list[tuple[float, float]],
    grid: Grid,
    state: State | None = None,
) -> Density:
    x, y = torch.tensor(points, dtype=torch.float32).reshape(-1, 2).unbind(1)
    known = Dataset(x[:, None], y[:, None], (0.0,))
    return count_points(known, grid, state)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=50))
def test_every_point_inside_is_in_its_cell_and_no_other_is(
    points: list[tuple[float, float]],
) -> None:
    expected = [[0] * 4 for _ in range(8)]
    for x, y in points:
        if 0 <= x <= 8 and 0 <= y <= 8:
            expected[int(y)][int(x / 2)] += 1
    found = counted(points, Grid(4, 8, (0.0, 8.0), (0.0, 8.0)))
    assert found.counts == tuple(map(tuple, expected))


def test_edges_belong_to_the_grid() -> None:
    corners = [(0.0, 1.0), (0.0, 2.0), (4.0, 1.0), (4.0, 2.0)]
    found = counted(corners, Grid(2, 2, (0.0, 4.0), (1.0, 2.0)))
    assert found.counts == ((1, 1), (1, 1))


@pytest.mark.parametrize("limits", [(-1e300, 1e300), (0.0, 1e-300), (-1e38, 3e38)])
def test_a_grid_of_any_range_counts_what_is_in_it(limits: tuple[float, float]) -> None:
    found = counted([(0.0, 0.0), (math.nan, 0.0)], Grid(3, 3, limits, limits))
    assert sum(map(sum, found.counts)) == 1


def test_blocks_add_up() -> None:
    problem = Problem(Synthetic(points=2 * BLOCK + 7, noise=0.1))
    found = density(Wish(problem, Grid(20, 10, (0.0, 1.0), (-1.0, 6.0))))
    assert sum(map(sum, found.counts)) == problem.points


def test_with_a_state_its_predictions_are_counted_against_the_truth() -> None:
    problem = Problem(Synthetic(points=1000, true_w=(2.0, -1.0)))
    grid = Grid(5, 5, (-1.0, 3.0), (-1.0, 3.0))
    found = density(Wish(problem, grid, State(0, (2.0, -1.0), 0.8)))
    diagonal = sum(found.counts[i][i] for i in range(5))
    assert diagonal == sum(map(sum, found.counts)) == len(dataset(problem).y)
