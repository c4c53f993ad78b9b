"""The tutorial's loop as a CUDA graph: on a GPU the launches take longer than the work.

Nothing in the loop changes its shape from one iteration to the next, so its kernels are recorded
once, for `UNROLLED` iterations, and launched together from then on. They are the same kernels in
the same order; whether they give the same bits is not believed but tried, on the first iterations.
Everything but the recording itself is without CUDA, and so is what stands in for it in tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import torch

from engine.data.source import ProblemError
from engine.training.dataset import Dataset, dataset
from engine.training.descent import first_rows, losses_of, read_chunks
from engine.training.method_state import reader
from engine.training.problem import Problem, State, Step

UNROLLED = 32
"""Iterations in one graph."""
WARM_UPS = 3
"""So often the iterations run before they are recorded, as torch asks for."""

Work = Callable[[], None]
Capture = Callable[[Work, torch.device], Work]
"""Takes work on a device, which it may run, and returns what does the same again."""


@dataclass(frozen=True, slots=True)
class Graphed:
    """The iterations of a loop that runs as a CUDA graph, and how they compare with the loop."""

    steps: Iterator[Step]
    agreement: str
    """One line: whether the first iterations have the bits of the plain loop."""


def captured(work: Work, device: torch.device) -> Work:
    """Record the kernels of some work in a CUDA graph; what is returned launches them.

    Raises ProblemError where there is no GPU whose launches a graph could spare.
    """
    if device.type != "cuda":
        raise ProblemError(f"a CUDA graph needs a CUDA device, and this trains on {device}")
    with torch.cuda.device(device):
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UPS):
                work()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            work()

    def launch() -> None:
        with torch.cuda.device(device):
            graph.replay()

    return launch


def graphed(
    problem: Problem, state: State, data: Dataset | None = None, capture: Capture = captured
) -> Graphed:
    """Record the loop that follows `state`, and compare its first iterations with the plain one.

    Raises ProblemError where there is no GPU. More iterations than are asked for may be computed.
    """
    if not problem.is_descent:
        words = "a CUDA graph repeats one iteration of gradient descent on all points"
        raise ProblemError(f"{words}: not {problem.method} or batches")
    data = data or dataset(problem)
    expected = _plain(problem, state, data)
    rows = first_rows(problem, state, data)
    numbers = torch.empty_like(expected)
    start = rows.clone()
    launch = capture(_work(problem, state, rows, data, numbers), rows.device)
    rows.copy_(start)
    launch()
    agreement = _agreement(expected, numbers, state.iteration)
    rows.copy_(start)
    launched, read = _launched(launch, numbers), reader(problem, state)
    return Graphed(read_chunks(state.iteration, launched, rows, read), agreement)


def _work(
    problem: Problem, state: State, rows: torch.Tensor, data: Dataset, numbers: torch.Tensor
) -> Work:
    """`UNROLLED` iterations in place on `rows`, whose numbers are left in `numbers`.

    Every time with leaves of its own: autograd adds to a leaf's gradient on the stream on which
    the leaf was first used, and work that is recorded must stay on one stream.
    """

    def work() -> None:
        losses = islice(losses_of(problem, state, rows, data), UNROLLED)
        for loss, row in zip(losses, numbers, strict=True):
            row[:-1].copy_(rows.reshape(-1))
            row[-1].copy_(loss.detach())

    return work


def _plain(problem: Problem, state: State, data: Dataset) -> torch.Tensor:
    """The numbers of the plain loop's first iterations."""
    rows = first_rows(problem, state, data)
    numbers = torch.empty(UNROLLED, rows.numel() + 1, dtype=rows.dtype, device=rows.device)
    _work(problem, state, rows, data, numbers)()
    return numbers


def _launched(launch: Work, numbers: torch.Tensor) -> Iterator[torch.Tensor]:
    while True:
        launch()
        yield numbers.clone()


def _agreement(expected: torch.Tensor, numbers: torch.Tensor, iteration: int) -> str:
    same = (expected == numbers) | (expected.isnan() & numbers.isnan())
    wrong = (~same).any(dim=1).nonzero().flatten().tolist()
    if not wrong:
        return f"CUDA graph: the first {UNROLLED} iterations have the bits of the plain loop"
    apart = (expected - numbers).abs().nan_to_num(math.inf).max().item()
    return (
        "CUDA graph: not the bits of the plain loop: numbers differ from iteration "
        f"{iteration + wrong[0]:,} on, in {UNROLLED} iterations by up to {apart:.1e}"
    )
