"""The theory of a problem, from its data, solved in float64 where the data are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import torch

from engine.training.dataset import Dataset, dataset
from engine.training.problem import Problem
from engine.training.theory import Theory

BLOCK = 1 << 18
"""Rows converted to float64 together, which bounds the memory for the copies."""


def theory(problem: Problem) -> Theory:
    """Solve a problem in closed form; only its data matter, and the latest few are kept."""
    return _solved(Problem(source=problem.source, dtype=problem.dtype, device=problem.device))


@lru_cache(maxsize=8)
def _solved(problem: Problem) -> Theory:
    return solve(dataset(problem))


def solve(data: Dataset, block: int = BLOCK) -> Theory:
    """Solve the least-squares problem of a data set in float64, `block` rows at a time.

    By a QR factorisation of the centred data and the SVD of its factor: XᵀX, whose condition
    number is the square of X's, is never formed (Golub and Van Loan, Matrix Computations, 2013,
    section 5.3). All nan where the data are not finite.
    """
    count, features = data.x.shape
    means = torch.cat([part.mean(0, dtype=torch.float64) for part in (data.x, data.y)])
    triangle = _triangle(data, means, block) / count**0.5
    x_part, y_part = triangle[:, :-1], triangle[:, -1:]
    design = triangle.new_zeros(features + 2, features + 1)
    design[:-1, :-1], design[-1, :-1], design[-1, -1] = x_part, means[:-1], 1
    if not bool(design.isfinite().all() and triangle.isfinite().all()):
        return _unknown(features)
    _, scales, vectors = torch.linalg.svd(design, full_matrices=False)
    floor = 8 * (features + 1) * torch.finfo(torch.float64).eps * scales[0]
    w = torch.linalg.pinv(x_part, atol=floor, rtol=0.0) @ y_part
    residual = y_part - x_part @ w
    eigenvalues = 2 * torch.where(scales > floor, scales, 0.0).square()
    return Theory(
        w=tuple(w[:, 0].tolist()),
        b=(means[-1] - means[:-1] @ w[:, 0]).item(),
        loss=residual.square().sum().item(),
        hessian=tuple(map(tuple, (2 * design.T @ design).tolist())),
        eigenvalues=tuple(eigenvalues.flip(0).tolist()),
        eigenvectors=tuple(map(tuple, vectors.flip(0).tolist())),
    )


def _triangle(data: Dataset, means: torch.Tensor, block: int) -> torch.Tensor:
    """R of a QR factorisation of the centred [x, y], block by block."""
    triangle = means.new_zeros(len(means), len(means))
    for x, y in _blocks(data, block):
        rows = torch.cat([x, y], 1) - means
        triangle = torch.linalg.qr(torch.cat([triangle, rows]), mode="r").R
    return triangle


def _blocks(data: Dataset, block: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Some rows of x and y at a time, in float64."""
    for first in range(0, len(data.y), block):
        rows = slice(first, first + block)
        yield data.x[rows].double(), data.y[rows].double()


def _unknown(features: int) -> Theory:
    row = (math.nan,) * (features + 1)
    return Theory(
        w=row[:-1],
        b=math.nan,
        loss=math.nan,
        hessian=(row,) * (features + 1),
        eigenvalues=row,
        eigenvectors=(row,) * (features + 1),
    )
