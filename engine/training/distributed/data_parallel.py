"""The tutorial's loop on several ranks: each has some of the points, and all have the same w and b.

DistributedDataParallel takes the mean of the ranks' gradients, which is that of all points only
where every rank has as many. Here each counts by its number of points, so that any shards give the
gradient of one process. The sum has the same bits on all ranks, and so have w and b ever after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from engine.training.dataset import Dataset, dataset
from engine.training.descent import first_rows, learning, recorded
from engine.training.distributed.rank_group import RankGroup
from engine.training.distributed.world import World
from engine.training.method_state import reader
from engine.training.problem import Problem, State, Step

STRIDE = 64
"""Away from the CPU every number that is looked at waits for the device, so few are."""


def shard(problem: Problem, world: World, device: str) -> Dataset:
    """A rank's own points, on its device, which becomes the one that nccl works on.

    `problem` is that of the CPU, with all points.
    """
    if device != "cpu":
        torch.cuda.set_device(device)
    everything, rows = dataset(problem), world.share(problem.points)
    x, y = everything.x[rows].to(device), everything.y[rows].to(device)
    return Dataset(x, y, everything.drawn_w)


def data_parallel_steps(
    problem: Problem,
    state: State,
    data: Dataset,
    group: RankGroup,
    interrupted: Callable[[], bool] = lambda: False,
) -> Iterator[Step]:
    """The iterations that follow `state`, the same on every rank; `data` are this rank's points.

    Raises KeyboardInterrupt on all ranks, at the same iteration, once one is `interrupted`.
    """
    rows = first_rows(problem, state, data)
    losses = _train(problem, rows, data, group, interrupted)
    # A clock that stands still: how many iterations are read at a time must not differ by rank.
    return recorded(state.iteration, losses, rows, reader(problem, state), lambda: 0.0)


def _train(
    problem: Problem,
    rows: torch.Tensor,
    data: Dataset,
    group: RankGroup,
    interrupted: Callable[[], bool],
) -> Iterator[torch.Tensor]:
    """Iterate in place on `rows`; yields the loss over all points."""
    parameters, gradients, *velocities = rows
    w = parameters[:-1, None].detach().requires_grad_()
    b = parameters[-1].detach().requires_grad_()
    # What the ranks add: ∂w and ∂b, the loss, and how many of them were interrupted.
    message = rows.new_zeros(len(parameters) + 2)
    w.grad, b.grad = message[:-3, None], message[-3]
    learn = learning(w, b)
    share = len(data.y) / problem.points
    stride = 1 if rows.device.type == "cpu" else STRIDE
    direction = velocities[0] if velocities else gradients
    number = 0
    while True:
        message.zero_()
        if share:
            loss = learn(data.x, data.y)
            message[-2] = loss.detach()
            message *= share
        message[-1] = interrupted()
        group.add(message)
        if number % stride == 0 and message[-1] > 0:
            raise KeyboardInterrupt
        if problem.zeroing:
            gradients.zero_()
        gradients += message[:-2]
        if velocities:
            direction.mul_(problem.momentum).add_(gradients)
        parameters.sub_(problem.learning_rate * direction)
        number += 1
        yield message[-2].clone()
