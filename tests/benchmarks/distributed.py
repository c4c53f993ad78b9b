"""Several ranks: our gradients and those of DistributedDataParallel beside one process's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure, Samples, at_most
from tests.benchmarks.measuring import UnavailableError
from tests.benchmarks.suite import benchmark

ROOT = Path(__file__).parents[2]
RANKS = 2


@benchmark("distributed.gradient", "gradients of 51 points on 2 ranks beside one process")
def gradients(quick: bool) -> Iterator[Figure]:
    """The first gradient of w, under torchrun with gloo."""
    found = _under_torchrun("tests.benchmarks.ddp_gradients")
    for shards, numbers in found.items():
        for name, what, target in (
            ("ours", "weighted by points, as train --distributed", at_most(1e-6)),
            ("ddp", "DistributedDataParallel's mean of ranks", None),
        ):
            apart = abs(numbers[name] - numbers["one"])
            yield Figure(
                f"distributed.gradient.{shards}.{name}",
                f"51 points as {shards}: {what}",
                ours=Samples((apart,)),
                target=target,
                how=f"|∂w - {numbers['one']:.6f}|; ∂w {numbers[name]:.6f}",
            )


@benchmark("distributed.steps", "iterations a second on 2 ranks")
def iterations(quick: bool) -> Iterator[Figure]:
    """Every one an all-reduce over loopback."""
    found = _under_torchrun("tests.benchmarks.ddp_gradients", "--steps")
    yield Figure(
        "distributed.steps",
        "steps/s, 50 points on 2 ranks, gloo",
        "/s",
        Samples(tuple(found["steps"])),
        how="2,000 iterations a sample",
    )


def _under_torchrun(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", str(RANKS), "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        raise UnavailableError(done.stderr.strip().rpartition("\n")[2][:100])
    found: dict[str, Any] = json.loads(done.stdout)
    return found
