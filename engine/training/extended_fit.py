"""Least squares in extended precision, for data that are small and columns that are nearly alike.

Powers of x as features, as in a polynomial fit, are nearly dependent. Of NIST's Wampler5 double
precision leaves six digits of w, and the 80 bits of x86's `long double` leave nine. Where the
platform has no more than 64 bits the result is that of double precision.
"""

from __future__ import annotations

import numpy as np
import torch

LIMIT = 1 << 20
"""Most numbers that are fitted so: it is some ten times slower."""


def fitted(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, float] | None:
    """The w and b of least squares, for x of [points, features] and y of [points, 1].

    By modified Gram–Schmidt, every column twice (Björck, Numerical methods for least squares
    problems, 1996, section 2.4). None where the columns are dependent, or the data too large.
    """
    if x.numel() > LIMIT or x.device.type != "cpu":
        return None
    rows, target = (part.numpy().astype(np.longdouble) for part in (x, y[:, 0]))
    means, middle = rows.mean(0), target.mean()
    rows, target = rows - means, target - middle
    lengths = np.sqrt((rows * rows).sum(0))
    if not np.all(lengths > 0):
        return None
    basis, triangle = _orthogonal(rows / lengths)
    if triangle is None:
        return None
    w = _back_substituted(triangle, basis.T @ target) / lengths
    return torch.tensor(w.astype(np.float64)).unsqueeze(1), float(middle - means @ w)


def _orthogonal(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Q and R of columns of length 1; no R where a column depends on those before it."""
    basis = columns.copy()
    count = columns.shape[1]
    triangle = np.zeros((count, count), dtype=np.longdouble)
    for at in range(count):
        for before in [*range(at), *range(at)]:
            share = basis[:, before] @ basis[:, at]
            triangle[before, at] += share
            basis[:, at] -= share * basis[:, before]
        length = np.sqrt(basis[:, at] @ basis[:, at])
        if length <= count * np.finfo(np.longdouble).eps:
            return basis, None
        triangle[at, at] = length
        basis[:, at] /= length
    return basis, triangle


def _back_substituted(triangle: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The solution of R w = c for a small upper triangle."""
    solution = right.copy()
    for at in reversed(range(len(right))):
        solution[at] -= triangle[at, at + 1 :] @ solution[at + 1 :]
        solution[at] /= triangle[at, at]
    return solution
