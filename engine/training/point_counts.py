"""Points counted on a grid with torch, where the data are, block by block: no copy is ever made."""

from __future__ import annotations

import torch

from engine.training.dataset import dataset
from engine.training.density import Density, Wish
from engine.training.points import Range
from engine.training.problem import State

BLOCK = 1 << 15
"""Points counted together on a CPU: they stay in its cache, and threads are not worth a start."""
DEVICE_BLOCK = 1 << 24
"""Elsewhere: few launches, and 200 MB at most."""
FLOAT32_LIMIT = 1e38
"""Beyond this a grid's arithmetic needs float64."""
UPPER_EDGE = 1 - 2**-20
"""Cells are narrower by this, so that a point on the upper edge is in the last one."""


def density(wish: Wish) -> Density:
    """Count points; those outside of the grid, or not finite, are in no cell."""
    data, grid, state = dataset(wish.problem), wish.grid, wish.state
    wide, high = grid.columns + 2, grid.rows + 2  # a border takes in what is outside
    counts = torch.zeros(wide * high, dtype=torch.int64, device=data.y.device)
    size = BLOCK if data.y.device.type == "cpu" else DEVICE_BLOCK
    for x, y in zip(torch.split(data.x, size), torch.split(data.y, size), strict=True):
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
