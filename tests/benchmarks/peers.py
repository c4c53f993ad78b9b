"""What others do for the same end: loops of training, and drawings of a graph."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.training.dataset import dataset, start
from engine.training.problem import Problem
from tests.benchmarks.children import Work
from tests.benchmarks.examples import example
from tests.benchmarks.measuring import UnavailableError

Row = tuple[float, float, float]
"""w, b after and loss before the update."""

DEPTH = 1_000_000
"""For peers that recurse along a graph: they are given all the stack they ask for."""


def bare_loop(problem: Problem, iterations: int) -> list[Row]:
    """The tutorial's loop, recording w, b and loss."""
    x, y, w, b = _beginning(problem)
    rate = problem.learning_rate
    rows = []
    for _ in range(iterations):
        y_hat = torch.matmul(x, w) + b
        loss = (y - y_hat).pow(2).mean()
        if w.grad is not None:
            w.grad.data.zero_()
        if b.grad is not None:
            b.grad.data.zero_()
        loss.backward()  # type: ignore[no-untyped-call]
        assert w.grad is not None
        assert b.grad is not None
        w.data = w.data - rate * w.grad
        b.data = b.data - rate * b.grad
        rows.append((w.item(), b.item(), loss.item()))
    return rows


def linear_and_sgd(
    problem: Problem, iterations: int, keep: Callable[[int, Row], object] | None = None
) -> list[Row]:
    """`nn.Linear` and `torch.optim.SGD`, recording the same; `keep` logs each step as well."""
    x, y, w, b = _beginning(problem)
    model = nn.Linear(1, 1, dtype=x.dtype, device=x.device)
    with torch.no_grad():
        model.weight.copy_(w.T)
        model.bias.copy_(b)
    optimizer = torch.optim.SGD(model.parameters(), lr=problem.learning_rate)
    measure = nn.MSELoss()
    rows = []
    for iteration in range(iterations):
        loss = measure(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rows.append((model.weight.item(), model.bias.item(), loss.item()))
        if keep is not None:
            keep(iteration, rows[-1])
    return rows


def tensorboard_loop(problem: Problem, iterations: int) -> list[Row]:
    """The same with every step logged to TensorBoard's event file; raises UnavailableError."""
    try:
        writer_of: Any = import_module("torch.utils.tensorboard").SummaryWriter
    except ImportError:
        raise UnavailableError("tensorboard is not installed") from None
    with tempfile.TemporaryDirectory() as folder, writer_of(folder) as writer:

        def keep(iteration: int, row: Row) -> None:
            for name, number in zip(("w", "b", "loss"), row, strict=True):
                writer.add_scalar(name, number, iteration)

        return linear_and_sgd(problem, iterations, keep)


def close(ours: Sequence[Row], theirs: Sequence[Row]) -> bool:
    """Whether two trainings agree in every iteration, to the rounding of float32."""
    return len(ours) == len(theirs) and all(
        math.isclose(a, b, rel_tol=2e-4, abs_tol=1e-7)
        for mine, other in zip(ours, theirs, strict=True)
        for a, b in zip(mine, other, strict=True)
    )


def torchviz_and_dot(name: str, size: int | None) -> Work:
    """torchviz's picture of an example's graph, as SVG by Graphviz; gives its count of nodes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports distutils
        make_dot: Any = import_module("torchviz").make_dot
    if not shutil.which("dot"):
        raise UnavailableError("Graphviz' dot is not installed")
    model, given = example(name, size).build()
    output = model(given)
    parameters = dict(model.named_parameters())
    sys.setrecursionlimit(DEPTH)

    def work() -> int:
        picture = make_dot(output, parameters)
        source: str = picture.source
        subprocess.run(["dot", "-Tsvg"], input=source.encode(), capture_output=True, check=True)
        return _boxes(source)

    return work


def torchlens_trace(name: str, size: int | None) -> Work:
    """TorchLens' trace of an example and its picture as SVG; gives its count of operations."""
    torchlens: Any = import_module("torchlens")
    model, given = example(name, size).build()
    sys.setrecursionlimit(DEPTH)

    def work() -> int:
        with tempfile.TemporaryDirectory() as folder:
            trace = torchlens.trace(model, given)
            place = str(Path(folder) / "graph")
            trace.draw(vis_outpath=place, vis_fileformat="svg", vis_save_only=True)
            return len(trace)

    return work


def _boxes(source: str) -> int:
    """Of autograd nodes; torchviz draws tensors as boxes of their own, in colours."""
    return source.count("[label=") - source.count("fillcolor=")


def _beginning(
    problem: Problem,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    data, begin = dataset(problem), start(problem)
    w = torch.tensor([begin.w], dtype=data.x.dtype, device=data.x.device).requires_grad_()
    b = torch.tensor(begin.b, dtype=data.x.dtype, device=data.x.device).requires_grad_()
    return data.x, data.y, w, b
