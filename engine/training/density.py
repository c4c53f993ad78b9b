"""Any number of points as counts on a grid: what a chart can show of ten million of them.

The records are torch-free; `point_counts` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.training.points import Range
from engine.training.problem import Problem, State


@dataclass(frozen=True, slots=True)
class Grid:
    """Equal cells over a part of the plane, edges included; ranges are finite, low < high."""

    columns: int
    rows: int
    x: Range
    y: Range


@dataclass(frozen=True, slots=True)
class Wish:
    """A request to count the points of a problem in the cells of a grid."""

    problem: Problem
    grid: Grid
    state: State | None = None
    """None: count y against the first feature; else the state's x·w + b against y."""


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """The number of points in each cell of a grid."""

    grid: Grid
    counts: tuple[tuple[int, ...], ...]
    """Row by row, the lowest y first."""
