"""Large numbers: of iterations, and of rows in a file."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from engine.training.advance import advance, begin
from engine.training.problem import Problem
from engine.training.run import Run
from tests.benchmarks.children import Child, Work
from tests.benchmarks.figures import Figure, Samples, at_most, ratio_at_most
from tests.benchmarks.measuring import REPETITIONS, UnavailableError, measure
from tests.benchmarks.suite import benchmark
from tests.processes import memory, peak_memory

ITERATIONS = (10_000, 100_000, 1_000_000)
ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
BLOCK = 10_000
"""Rows written at a time, again and again."""
RATIO_FROM = 1_000_000
"""From so many rows on memory is that of the data, and not of the code that reads them."""
MEGABYTE = 1_000_000


@benchmark("scale.iterations", "a long run: its memory, and one iteration back at its end")
def iterations(quick: bool) -> Iterator[Figure]:
    """One run in a process of its own, stopped at each of these."""
    stops = ITERATIONS[: 2 if quick else None]
    with Child(_long_run, stops, limit=600) as child:
        sizes, seconds = child()[1]
    first = sizes[0]
    for stop, size in list(zip(stops, sizes, strict=True))[1:]:
        yield Figure(
            f"scale.iterations.{stop}",
            f"memory grown from {stops[0]:,} to {stop:,} iterations",
            "B",
            Samples((float(size - first),)),
            target=at_most(8 * MEGABYTE),
            how="resident memory of a process that trains, history and frames included",
        )
    yield Figure(
        "scale.iterations.back",
        f"one iteration back after {stops[-1]:,}",
        "s",
        Samples(tuple(seconds)),
        target=at_most(0.1),
        how="what N calls in the app: replay from the nearest keyframe, and the line-by-line look",
    )


@benchmark("scale.csv", "rows from a CSV file: time and memory")
def rows_read(quick: bool) -> Iterator[Figure]:
    """Against numpy.loadtxt, both in processes of their own, in float32."""
    with tempfile.TemporaryDirectory() as folder:
        for count in ROWS[: 2 if quick else None]:
            file = Path(folder) / "points.csv"
            _write(file, count)
            yield from _read_and_held(file, count)


def _read_and_held(file: Path, count: int) -> Iterator[Figure]:
    # What is read lies in the first call's peak, so memory comes from a first call each.
    with (
        Child(_read_table, str(file), limit=120) as ours,
        Child(_loadtxt, str(file), limit=120) as peer,
    ):
        found = ours(), peer()
        peaks = [float(result[2]) for _, result in found]
        repetitions = REPETITIONS if count < RATIO_FROM * 10 else 3
        measured = measure(ours, peer, _same_sums, repetitions)
    target = ratio_at_most(1 if count == RATIO_FROM else 2) if count >= RATIO_FROM else None
    yield measured.on(
        Figure(
            f"scale.csv.{count}.time",
            f"{count:,} rows of a CSV file",
            "s",
            peer_name="numpy.loadtxt",
            target=target,
            how="two columns; the file is in the system's cache",
        )
    )
    if count >= RATIO_FROM:
        data = 2 * 4 * count
        yield Figure(
            f"scale.csv.{count}.memory",
            f"{count:,} rows: peak memory over the data's size",
            "×",
            Samples((peaks[0] / data,)),
            "numpy.loadtxt",
            Samples((peaks[1] / data,)),
            at_most(2),
            "highest resident memory less that before, over 8 bytes a row",
        )


def _long_run(stops: tuple[int, ...]) -> Work:
    """In a child: memory at every stop, and seconds for steps back at the end."""
    from tui.run import moves

    torch.set_num_threads(1)

    def work() -> tuple[list[int], list[float]]:
        run: Run = begin(Problem(target=stops[-1]))
        sizes = []
        for stop in stops:
            run = deque(advance(run, stop), maxlen=1)[0]
            sizes.append(memory())
        here = moves.spot(run)
        seconds = []
        for _ in range(1 + REPETITIONS):
            began = time.perf_counter()
            there = moves.previous_iteration(here)
            seconds.append(time.perf_counter() - began)
            if there.run.state.iteration != stops[-1] - 1:
                raise UnavailableError("it did not go back by one")
        return sizes, seconds[1:]

    return work


Read = tuple[int, tuple[float, float], int]
"""Rows, the sums of both columns, and how far memory rose above what it was before."""


def _read_table(file: str) -> Work:
    from engine.data.table_cache import load, read_table

    before = memory()

    def work() -> Read:
        table = read_table(file)
        numbers = load(table, "float32")
        sums = float(numbers.x.sum(dtype="f8")), float(numbers.y.sum(dtype="f8"))
        return len(numbers.y), sums, peak_memory() - before

    return work


def _loadtxt(file: str) -> Work:
    import numpy as np

    before = memory()

    def work() -> Read:
        numbers: Any = np.loadtxt(file, dtype=np.float32, delimiter=",", skiprows=1)
        sums = numbers.sum(axis=0, dtype="f8")
        return len(numbers), (float(sums[0]), float(sums[1])), peak_memory() - before

    return work


def _same_sums(ours: Read, theirs: Read) -> bool:
    close = (abs(a - b) <= 1e-5 * abs(b) for a, b in zip(ours[1], theirs[1], strict=True))
    return ours[0] == theirs[0] and all(close)


def _write(file: Path, rows: int) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(BLOCK, generator=generator).tolist()
    text = "".join(f"{a:.6f},{3 * a + 0.8:.6f}\n" for a in x)
    with file.open("w") as stream:
        stream.write("x,y\n")
        for _ in range(rows // BLOCK):
            stream.write(text)
