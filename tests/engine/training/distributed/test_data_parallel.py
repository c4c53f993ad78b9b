"""The loop on several ranks, here threads that add by a barrier, beside the loop of one process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from threading import Barrier

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.source import Synthetic
from engine.training.dataset import Dataset, dataset, start
from engine.training.descent import steps
from engine.training.distributed.data_parallel import data_parallel_steps, shard
from engine.training.distributed.rank_group import RankGroup
from engine.training.distributed.world import World
from engine.training.problem import Problem, Step
from tests.engine.training.problems import problems
from tests.examples import examples


class Together(RankGroup):
    """A group of threads."""

    def __init__(self, world: World, met: Barrier, shares: list[torch.Tensor]) -> None:
        super().__init__(world)
        self._met, self._shares = met, shares

    def add(self, numbers: torch.Tensor) -> None:
        self._shares[self.world.rank] = numbers.clone()
        self._met.wait()
        numbers.copy_(torch.stack(self._shares).sum(0))
        self._met.wait()


def on_ranks(problem: Problem, shards: list[Dataset], iterations: int) -> list[list[Step]]:
    """The first iterations, as every rank has them."""
    size = len(shards)
    met, shares = Barrier(size, timeout=30), [torch.empty(0)] * size

    def rank(number: int) -> list[Step]:
        group = Together(World(number, size), met, shares)
        taken = data_parallel_steps(problem, start(problem), shards[number], group)
        return list(islice(taken, iterations))

    with ThreadPoolExecutor(size) as threads:
        return list(threads.map(rank, range(size)))


def shards_of(problem: Problem, size: int) -> list[Dataset]:
    return [shard(problem, World(rank, size), "cpu") for rank in range(size)]


@examples(8)
@given(problems(), st.integers(1, 5))
def test_any_number_of_ranks_does_as_one_process(problem: Problem, size: int) -> None:
    problem = replace(problem, learning_rate=problem.learning_rate / 100)
    expected = list(islice(steps(problem, start(problem)), 8))
    found = on_ranks(problem, shards_of(problem, size), 8)
    assert all(one == found[0] for one in found)
    close = partial(pytest.approx, rel=1e-4 if problem.dtype == "float32" else 1e-11, abs=1e-4)
    for one, other in zip(found[0], expected, strict=True):
        assert [one.loss, *one.w, one.b] == close([other.loss, *other.w, other.b])
        assert [*one.w_grad, one.b_grad] == close([*other.w_grad, other.b_grad])
    if size == 1:
        assert found[0] == expected


def test_shards_count_by_their_points_and_not_as_one_each() -> None:
    problem = Problem(Synthetic(points=51), dtype="float64")
    data = dataset(problem)
    uneven = [Dataset(data.x[rows], data.y[rows], ()) for rows in (slice(40), slice(40, None))]
    (full,) = islice(steps(problem, start(problem)), 1)
    alone = [next(steps(problem, start(problem), one)) for one in uneven]
    assert on_ranks(problem, uneven, 1)[0][0].w_grad == pytest.approx(full.w_grad, rel=1e-14)
    assert sum(one.w_grad[0] for one in alone) / 2 != pytest.approx(full.w_grad[0], rel=1e-3)


def test_one_rank_that_is_interrupted_ends_the_iterations_of_all() -> None:
    problem = Problem()
    came = iter([False, False, True])
    taken = data_parallel_steps(
        problem,
        start(problem),
        shard(problem, World(), "cpu"),
        RankGroup(World()),
        lambda: next(came),
    )
    assert len([next(taken), next(taken)]) == 2
    with pytest.raises(KeyboardInterrupt):
        next(taken)
