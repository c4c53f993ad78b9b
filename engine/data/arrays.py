"""Rows of numbers gathered into arrays: memory for little more than what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating[Any]]
Vector = NDArray[np.float64]

_FIRST = 1 << 12
"""Rows that there is room for at the beginning."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """The columns of a table that are used, as arrays of the training's dtype."""

    x: Matrix
    """Features, of shape [points, features]."""
    y: Matrix
    """Targets, of shape [points, 1]."""
    means: tuple[float, ...]
    """One a feature; none where they are not standardised."""
    scales: tuple[float, ...]
    """The standard deviations, one a feature; not finite where a column's overflows."""


class Gatherer:
    """Takes float64 blocks of rows; owned by the loop that reads."""

    def __init__(self, features: int, dtype: str, *, standardise: bool) -> None:
        self._x, self._y = _Growing(features, dtype), _Growing(1, dtype)
        self._moments = _Moments(features) if standardise else None
        self._centre: Vector = np.zeros(features)

    @property
    def count(self) -> int:
        """How many rows have been added so far."""
        return self._y.count

    def add(self, block: Vector) -> None:
        """Take rows, [rows, features + 1] with the target last."""
        x = block[:, :-1]
        if self._moments and len(block):
            if not self.count:
                self._centre = x.mean(0)
            self._moments.add(x)
        self._x.add(x - self._centre)
        self._y.add(block[:, -1:])

    def finish(self) -> Gathered:
        """Return all rows, standardised where wanted; the gatherer cannot be used afterwards."""
        x, y, moments = self._x.close(), self._y.close(), self._moments
        if moments is None:
            return Gathered(x, y, (), ())
        means, scales = moments.mean, moments.scale
        with np.errstate(all="ignore"):
            np.subtract(x, means - self._centre, out=x, casting="same_kind")
            np.divide(x, scales, out=x, casting="same_kind")
        x[:, moments.constant] = 0
        return Gathered(x, y, tuple(means.tolist()), tuple(scales.tolist()))


class _Growing:
    """One array that grows in place by a quarter, which moves no memory where the system can."""

    def __init__(self, width: int, dtype: str) -> None:
        self._held: Matrix = np.empty((_FIRST, width), dtype)
        self.count = 0

    def add(self, block: Matrix) -> None:
        needed = self.count + len(block)
        if needed > len(self._held):
            self._resize(needed + needed // 4)
        self._held[self.count : needed] = block
        self.count = needed

    def close(self) -> Matrix:
        self._resize(self.count)
        return self._held

    def _resize(self, rows: int) -> None:
        self._held.resize((rows, self._held.shape[1]), refcheck=False)


class _Moments:
    """Mean and spread of every column, block by block.

    T. F. Chan, G. H. Golub, R. J. LeVeque, Algorithms for computing the sample variance, 1983.
    """

    def __init__(self, width: int) -> None:
        self.mean: Vector = np.zeros(width)
        self._count = 0
        self._squares: Vector = np.zeros(width)
        self._low: Vector = np.full(width, np.inf)
        self._high: Vector = np.full(width, -np.inf)

    def add(self, block: Vector) -> None:
        count, total = len(block), self._count + len(block)
        with np.errstate(all="ignore"):
            mean = block.mean(0)
            apart = mean - self.mean
            self._squares += np.square(block - mean).sum(0)
            self._squares += apart**2 * (self._count * count / total)
            self.mean += apart * (count / total)
        self._count = total
        self._low = np.minimum(self._low, block.min(0))
        self._high = np.maximum(self._high, block.max(0))

    @property
    def constant(self) -> NDArray[np.bool_]:
        return np.equal(self._low, self._high)

    @property
    def scale(self) -> Vector:
        return np.where(self.constant, 1.0, np.sqrt(self._squares / self._count))
