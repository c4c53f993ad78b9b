"""Recording a distributed run: what it costs each rank of it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.benchmarks.figures import Figure, Samples, ratio_at_most
from tests.benchmarks.recorded_scripts import RANKS
from tests.benchmarks.suite import benchmark

WORLD = 2
LIMIT = 300.0


@benchmark("ranks.step", "a data-parallel training step of 50 ms on 2 ranks, recorded")
def step(quick: bool) -> Iterator[Figure]:
    """The steps without lines, as the first rank times them; plain and recorded in turn."""
    steps, rounds = (20, 1) if quick else (60, 5)
    plain: list[tuple[float, ...]] = []
    recorded: list[tuple[float, ...]] = []
    for _ in range(rounds):
        plain.append(_steps(steps, ()))
        recorded.append(_steps(steps, ("-m", "tui", "record", "--quiet")))
    for at, (name, what) in enumerate((("cpu", "CPU seconds"), ("wall", "seconds"))):
        yield Figure(
            f"ranks.step.{name}",
            f"a step under DistributedDataParallel, recorded, 2 ranks over gloo: {what}",
            "s",
            Samples(tuple(one[at] for one in recorded)),
            "plain",
            Samples(tuple(one[at] for one in plain)),
            ratio_at_most(1.05),
            f"median of steps 17 to {steps} on rank 0 but for those with lines",
        )


def _steps(count: int, recorder: Sequence[str]) -> tuple[float, ...]:
    """CPU and other seconds of a step that no run records line by line, on rank 0: medians."""
    with TemporaryDirectory() as folder:
        script = Path(folder, "train.py")
        script.write_text(RANKS)
        words = [sys.executable, *recorder, str(script)]
        words += ["-o", "RUN", "--", str(count)] if recorder else [str(count)]
        printed = _launched(words, folder)
    found = re.findall(r"^step (\d+) ([\d.]+) ([\d.]+)$", printed, re.MULTILINE)
    # A step is traced where its number, or that of the pass before the last, asks for it.
    kept = [
        (float(cpu), float(wall))
        for n, cpu, wall in ((int(number), *rest) for number, *rest in found)
        if n > 16 and n & (n - 1) and n < count - 2 and n != 33
    ]
    return tuple(map(median, zip(*kept, strict=True)))


def _launched(words: Sequence[str], folder: str) -> str:
    """What rank 0 prints; nothing of any rank is left."""
    root = str(Path(__file__).parents[2])
    environ = {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1"}
    environ |= {"WORLD_SIZE": str(WORLD), "MASTER_PORT": str(_free_port())}
    ranks = [
        subprocess.Popen(
            words,
            stdout=subprocess.PIPE if rank == 0 else subprocess.DEVNULL,
            text=True,
            cwd=folder,
            env=environ | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            start_new_session=True,
        )
        for rank in range(WORLD)
    ]
    try:
        printed: str = ranks[0].communicate(timeout=LIMIT)[0]
        return printed
    finally:
        for one in ranks:
            try:
                one.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(one.pid, signal.SIGKILL)
                one.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
