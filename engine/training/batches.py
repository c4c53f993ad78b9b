"""Mini-batches: every epoch goes through all points once, in an order of its own.

The order is that of `torch.randperm`, seeded with the seed of the data plus the number of the
epoch. So the batch of any iteration is known without those before it, on every device.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import count, repeat
from typing import NamedTuple

import torch

from engine.training.dataset import Dataset
from engine.training.problem import Problem


class Batch(NamedTuple):
    """Which points an iteration learns from."""

    seed: int
    """Of the order in which its epoch goes through the points."""
    first: int
    """The place in this order at which the batch begins."""


def batch_of(problem: Problem, iteration: int) -> Batch:
    """The batch of an iteration of a problem that has batches."""
    assert problem.batch_size is not None
    epoch, number = divmod(iteration, problem.batches)
    return Batch(problem.source.seed + epoch, number * problem.batch_size)


def batches(
    problem: Problem, iteration: int, data: Dataset
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The x and y of each iteration from `iteration` on; without batches always all points."""
    if problem.batch_size is None:
        return repeat((data.x, data.y))
    return _batches(problem, iteration, data, problem.batch_size)


def _batches(
    problem: Problem, iteration: int, data: Dataset, size: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    seed, order = -1, data.y.new_empty(0)
    for number in count(iteration):
        batch = batch_of(problem, number)
        if batch.seed != seed:
            seed, order = batch.seed, _order(len(data.y), batch.seed).to(data.y.device)
        rows = order[batch.first : batch.first + size]
        yield data.x[rows], data.y[rows]


@lru_cache(maxsize=2)
def _order(points: int, seed: int) -> torch.Tensor:
    """The points in the order of an epoch, as the loop that is shown draws it."""
    return torch.randperm(points, generator=torch.Generator().manual_seed(seed))
