"""Under torchrun: what each way of adding the ranks' gradients gives; rank 0 prints it as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from itertools import islice

import torch
from torch.nn.functional import mse_loss
from torch.nn.parallel import DistributedDataParallel

from engine.data.source import Synthetic
from engine.training.dataset import Dataset, dataset, start
from engine.training.descent import steps
from engine.training.distributed.data_parallel import data_parallel_steps, shard
from engine.training.distributed.rank_group import RankGroup, joined
from engine.training.distributed.world import World, world_of
from engine.training.problem import Problem

PROBLEM = Problem(Synthetic(points=51))
UNEVEN = (26, 40)
"""Points of rank 0; rank 1 has the others."""
ITERATIONS, SAMPLES = 2_000, 5


def main() -> None:
    """Print what is asked for: gradients, or with --steps iterations a second."""
    torch.set_num_threads(1)
    world = world_of(os.environ) or World()
    with joined(world) as group:
        found = _rates(group) if "--steps" in sys.argv else _gradients(group)
    if world.rank == 0:
        print(json.dumps(found), flush=True)
    # Some threads of DistributedDataParallel abort a process that ends before them.
    os._exit(0)


def _gradients(group: RankGroup) -> dict[str, dict[str, float]]:
    begin, whole = start(PROBLEM), dataset(PROBLEM)
    one = next(steps(PROBLEM, begin)).w_grad[0]
    found = {}
    for count in UNEVEN:
        rows = slice(0, count) if group.world.rank == 0 else slice(count, None)
        mine = Dataset(whole.x[rows], whole.y[rows], ())
        ours = next(data_parallel_steps(PROBLEM, begin, mine, group)).w_grad[0]
        found[f"{count}_{51 - count}"] = {"one": one, "ours": ours, "ddp": _ddp(mine)}
    return found


def _ddp(mine: Dataset) -> float:
    """The gradient of w as DistributedDataParallel leaves it."""
    begin, linear = start(PROBLEM), torch.nn.Linear(1, 1)
    with torch.no_grad():
        linear.weight.fill_(begin.w[0])
        linear.bias.fill_(begin.b)
    model = DistributedDataParallel(linear)
    mse_loss(model(mine.x), mine.y).backward()  # type: ignore[no-untyped-call]
    assert linear.weight.grad is not None
    return linear.weight.grad.item()


def _rates(group: RankGroup) -> dict[str, list[float]]:
    problem, rates = Problem(), []
    data = shard(problem, group.world, "cpu")
    for _ in range(1 + SAMPLES):
        taken = data_parallel_steps(problem, start(problem), data, group)
        began = time.perf_counter()
        list(islice(taken, ITERATIONS))
        rates.append(ITERATIONS / (time.perf_counter() - began))
    return {"steps": rates[1:]}


if __name__ == "__main__":
    main()
