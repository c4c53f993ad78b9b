"""Points counted on a grid with torch, where the data are, block by block: no copy is ever made."""

from __future__ import annotations

import torch

from engine.training.dataset import Dataset, dataset
from engine.training.density import Density, Grid, Wish
from engine.training.points import Range
from engine.training.problem import State

BLOCK = 1 << 15
"""Points counted together on a CPU: they stay in its cache, and threads are not worth a start."""
DEVICE_BLOCK = 1 << 24
"""Points counted together on other devices: few kernel launches, at most 200 MB."""
FLOAT32_LIMIT = 1e38
"""Ranges beyond this are computed in float64."""
UPPER_EDGE = 1 - 2**-20
"""Cells are narrower by this, so that a point on the upper edge is in the last one."""


def density(wish: Wish) -> Density:
    """Count the points of a problem in the cells of a grid, on the problem's device."""
    data = dataset(wish.problem)
    block = BLOCK if data.y.device.type == "cpu" else DEVICE_BLOCK
    return count_points(data, wish.grid, wish.state, block)


def count_points(data: Dataset, grid: Grid, state: State | None, block: int = BLOCK) -> Density:
    """Count points in the cells of a grid, `block` of them at a time.

    Without a state y is counted against the first feature, with one x·w + b against y. Points
    outside of the grid and points that are not finite are in no cell.
    """
    wide, high = grid.columns + 2, grid.rows + 2  # a border takes in what is outside
    counts = torch.zeros(wide * high, dtype=torch.int64, device=data.y.device)
    for x, y in zip(torch.split(data.x, block), torch.split(data.y, block), strict=True):
        across, up = (x[:, 0], y[:, 0]) if state is None else (y[:, 0], _predicted(x, state))
        columns, rows = _places(across, grid.x, grid.columns), _places(up, grid.y, grid.rows)
        counts += torch.bincount(rows.mul_(wide).add_(columns), minlength=wide * high)
    inner = counts.view(high, wide)[1:-1, 1:-1]
    return Density(grid, tuple(map(tuple, inner.tolist())))


def _predicted(x: torch.Tensor, state: State) -> torch.Tensor:
    return x @ x.new_tensor(state.w) + state.b


def _places(numbers: torch.Tensor, limits: Range, count: int) -> torch.Tensor:
    """1 … count within the limits, 0 below them and for nan, count + 1 above."""
    low, high = limits
    scale = count * UPPER_EDGE / (high - low)
    if max(abs(low), abs(high), scale) > FLOAT32_LIMIT:
        numbers = numbers.double()
    placed = (numbers - low).mul_(scale).add_(1)
    return placed.nan_to_num_(nan=0.0).clamp_(0, count + 1).int()
