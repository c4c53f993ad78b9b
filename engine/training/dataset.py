"""The training data as tensors: read from a file, or made the way the reference run makes them.

`torch.manual_seed(seed)`, then x, then the start of w, in that order: a private generator
gives the same numbers and leaves the global one alone. Noise comes after w, so that the start
of w does not depend on it. Numbers are always drawn on the CPU, so a run on another device
starts from the same ones. For points from a file only the start of w is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import nan

import torch

from engine.data.source import Dtype, Source, Synthetic, Table
from engine.data.table_cache import load
from engine.training.points import Points, Range
from engine.training.problem import Problem, State


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """The data that w and b are fitted to, shared by all runs on it and never written to."""

    x: torch.Tensor
    """Features, of shape [points, features], in the problem's dtype."""
    y: torch.Tensor
    """Targets, of shape [points, 1], in the problem's dtype."""
    drawn_w: tuple[float, ...]
    """The start of w that comes with the seed, one a feature."""


def dataset(problem: Problem) -> Dataset:
    """The points of a problem, on its device and in its dtype; the latest few are kept.

    Raises TableError where they come from a file that cannot be read or has changed.
    """
    return _dataset(problem.source, problem.dtype, problem.device)


def start(problem: Problem) -> State:
    """The state before the first iteration, w and b rounded to the problem's dtype."""
    w = dataset(problem).drawn_w if problem.start_w is None else problem.start_w
    *w_held, b = torch.tensor([*w, problem.start_b], dtype=torch_dtype(problem.dtype)).tolist()
    return State(0, tuple(w_held), b)


def points(problem: Problem, limit: int = 2000) -> Points:
    """At most `limit` points of the problem, evenly spread over the rows, for a chart."""
    data = dataset(problem)
    total = len(data.y)
    count = min(total, limit)
    rows = torch.arange(count, device=data.x.device) * total // max(count, 1)
    return Points(
        x=tuple(map(tuple, data.x[rows].tolist())),
        y=tuple(data.y[rows, 0].tolist()),
        total=total,
        x_ranges=tuple(map(_range, data.x.unbind(1))),
        y_range=_range(data.y),
    )


@lru_cache(maxsize=2)
def _dataset(source: Source, dtype: Dtype, device: str) -> Dataset:
    if isinstance(source, Table):
        return _read(source, dtype, device)
    return _made(source, dtype, device)


def _made(source: Synthetic, dtype: Dtype, device: str) -> Dataset:
    kind = torch_dtype(dtype)
    generator = torch.Generator().manual_seed(source.seed)
    features = len(source.true_w)
    x = torch.rand(source.points, features, generator=generator, dtype=kind)
    w = torch.rand(features, 1, generator=generator, dtype=kind)
    y = x @ torch.tensor(source.true_w, dtype=kind).unsqueeze(1) + source.true_b
    if source.noise:
        y += source.noise * torch.randn(source.points, 1, generator=generator, dtype=kind)
    if source.outlier is not None:
        y[source.outlier] += source.outlier_by
    return Dataset(x.to(device), y.to(device), tuple(w[:, 0].tolist()))


def _read(table: Table, dtype: Dtype, device: str) -> Dataset:
    numbers = load(table, dtype)
    x, y = torch.from_numpy(numbers.x), torch.from_numpy(numbers.y)
    generator = torch.Generator().manual_seed(table.seed)
    w = torch.rand(len(table.features), generator=generator, dtype=torch_dtype(dtype))
    return Dataset(x.to(device), y.to(device), tuple(w.tolist()))


def torch_dtype(name: str) -> torch.dtype:
    """The dtype of torch that a problem names."""
    return {"float32": torch.float32, "float64": torch.float64}[name]


def _range(column: torch.Tensor) -> Range:
    low, high = column.aminmax()
    if not bool(torch.isfinite(high - low)):
        column = column[torch.isfinite(column)]
        if not column.numel():
            return nan, nan
        low, high = column.aminmax()
    return low.item(), high.item()
