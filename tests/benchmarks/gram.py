"""Descent from sums: how fast data of any size are summed, and how exact every iteration is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, islice

import torch

from engine.data.source import Synthetic
from engine.training.dataset import Dataset, dataset, start
from engine.training.descent import steps
from engine.training.gram.by_formula import ByFormula, largest_difference
from engine.training.gram.made_rows import MadeRows
from engine.training.gram.moments import moments
from engine.training.gram.row_source import ahead
from engine.training.gram.sums import Chunk, Sums, add_up, frame_of
from engine.training.problem import Problem
from tests.benchmarks.children import Child, Work
from tests.benchmarks.figures import Figure, Samples, at_most, ratio_at_least, ratio_at_most
from tests.benchmarks.measuring import REPETITIONS, measure, per_second, timed
from tests.benchmarks.suite import benchmark
from tests.benchmarks.training import threads
from tests.processes import memory, peak_memory

FAR = 1_000_000


@benchmark("gram.rows", "rows a second that are made and summed")
def rows_summed(quick: bool) -> Iterator[Figure]:
    """Against making them alone; the next chunk is made on a thread of its own."""
    count = 4_000_000 if quick else 100_000_000
    for name, noise in (("exact", 0.0), ("noise", 0.1)):
        source = Synthetic(count, noise)
        figure = Figure(
            f"gram.rows.{name}",
            f"{count:,} rows made and summed" + ", with noise" * bool(noise),
            "/s",
            peer_name="made and dropped",
            target=ratio_at_least(0.8),
            how="float32 rows, sums in float64; torch on 1 thread, the rows on another",
        )
        with threads(1):
            ours = per_second(count, partial(_summed, source))
            theirs = per_second(count, partial(_dropped, source))
            yield measure(ours, theirs, lambda a, b: a.gram[0, 0] == b, 3).on(figure)


@benchmark("gram.memory", "memory while rows are summed")
def memory_is_flat(quick: bool) -> Iterator[Figure]:
    """Each in a process of its own."""
    few, many = (1_000_000, 4_000_000) if quick else (10_000_000, 100_000_000)
    rises = []
    for count in (many, few):
        with Child(_summing, count, limit=120) as child:
            rises.append(float(child()[1]))
    yield Figure(
        "gram.memory",
        f"peak memory, {many:,} rows",
        "B",
        Samples((rises[0],)),
        f"{few:,} rows",
        Samples((rises[1],)),
        ratio_at_most(1.2),
        "highest resident memory less that before the first row",
    )


@benchmark("gram.exact", "iterations by formula beside the loop in float64")
def exact(quick: bool) -> Iterator[Figure]:
    """Every tenth of the reference run's, with and without momentum."""
    for name, momentum in (("plain", 0.0), ("momentum", 0.9)):
        problem = Problem(Synthetic(noise=0.1), momentum=momentum)
        data, begin = dataset(problem), start(problem)
        whole = Dataset(data.x.double(), data.y.double(), ())
        formula = _formula(problem)
        loop = islice(steps(replace(problem, dtype="float64"), begin, whole), 0, 5000, 10)
        apart = max(largest_difference(one, formula.step(one.iteration)) for one in loop)
        yield Figure(
            f"gram.exact.{name}",
            "largest difference in w and b" + ", momentum 0.9" * bool(momentum),
            ours=Samples((apart,)),
            target=at_most(1e-12),
            how="5,000 iterations of 50 points with noise",
        )


@benchmark("gram.far", "one iteration by formula")
def far(quick: bool) -> Iterator[Figure]:
    """With the eigenvectors found anew."""
    problem = Problem()
    sums = _summed(Synthetic())

    def jump() -> float:
        return ByFormula(moments(sums), problem, start(problem)).step(FAR).loss

    measured = measure(timed(jump), repetitions=REPETITIONS)
    yield measured.on(
        Figure("gram.far", f"iteration {FAR:,} from the sums", "s", target=at_most(0.05))
    )


def _summed(source: Synthetic) -> Sums:
    rows = MadeRows(source, "float32").chunks()
    first = next(rows)
    return add_up(frame_of(first), ahead(chain([first], rows)))


def _dropped(source: Synthetic) -> int:
    return sum(len(y) for _, y in MadeRows(source, "float32").chunks())


def _formula(problem: Problem) -> ByFormula:
    data = dataset(problem)
    chunk: Chunk = data.x, data.y
    return ByFormula(moments(add_up(frame_of(chunk), [chunk])), problem, start(problem))


def _summing(count: int) -> Work:
    """In a child: how far memory rises."""
    torch.set_num_threads(1)
    _summed(Synthetic(1_000))
    before = memory()

    def work() -> int:
        _summed(Synthetic(count))
        return peak_memory() - before

    return work
