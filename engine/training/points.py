"""The training points as a chart needs them: an even sample of any number, torch-free."""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]
"""The smallest and the largest; (nan, nan) where nothing is finite."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Some of the training points, spread evenly over all of them, and the ranges of all."""

    x: tuple[tuple[float, ...], ...]
    """One row a point, one number a feature."""
    y: tuple[float, ...]
    total: int
    """The number of points of the whole problem."""
    x_ranges: tuple[Range, ...]
    """One a feature, over the finite numbers of all points."""
    y_range: Range
