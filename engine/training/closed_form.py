"""The theory of a problem, from its data, solved in float64 where the data are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import torch

from engine.training.dataset import Dataset, dataset
from engine.training.extended_fit import fitted
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
    if not bool(means.isfinite().all() and triangle.isfinite().all()):
        return unknown(features)
    w, b = _optimum(data, x_part, y_part, means)
    losses = (y_part - x_part @ w).square().sum().item(), y_part.square().sum().item()
    return theory_at(w, b, x_part, means[:-1], *losses)


def theory_at(
    w: torch.Tensor,
    b: float,
    x_part: torch.Tensor,
    means: torch.Tensor,
    loss: float,
    variance: float,
) -> Theory:
    """The theory of an optimum, of [features, 1], and of the features' spread and means.

    `variance` is that of y. `x_part` is any matrix whose `x_part.T @ x_part` is their covariance.
    """
    design = _design(x_part, means)
    _, scales, vectors = torch.linalg.svd(design, full_matrices=False)
    eigenvalues = 2 * torch.where(scales > _floor(scales), scales, 0.0).square()
    return Theory(
        w=tuple(w[:, 0].tolist()),
        b=b,
        loss=loss,
        variance=variance,
        hessian=tuple(map(tuple, (2 * design.T @ design).tolist())),
        eigenvalues=tuple(eigenvalues.flip(0).tolist()),
        eigenvectors=tuple(map(tuple, vectors.flip(0).tolist())),
        scaled_eigenvalues=_scaled_eigenvalues(x_part),
    )


def _design(x_part: torch.Tensor, means: torch.Tensor) -> torch.Tensor:
    """A matrix D with 2 DᵀD the Hessian: of w by the spread and the means, and of b."""
    rows, features = x_part.shape
    design = x_part.new_zeros(rows + 1, features + 1)
    design[:-1, :-1], design[-1, :-1], design[-1, -1] = x_part, means, 1
    return design


def _scaled_eigenvalues(x: torch.Tensor) -> tuple[float, ...]:
    """The Hessian's eigenvalues for standardised features, from the centred triangle.

    It is then twice their correlation matrix, and 2 for b.
    """
    lengths = torch.linalg.vector_norm(x, dim=0)
    scales = torch.linalg.svdvals(x / torch.where(lengths > 0, lengths, 1.0))
    found = (2 * torch.where(scales > _floor(scales), scales, 0.0).square()).tolist()
    return tuple(sorted([*found, 2.0]))


def _floor(scales: torch.Tensor) -> torch.Tensor:
    """What a singular value of so many may be for rounding alone."""
    return 8 * len(scales) * torch.finfo(torch.float64).eps * scales[0]


def _optimum(
    data: Dataset, x: torch.Tensor, y: torch.Tensor, means: torch.Tensor
) -> tuple[torch.Tensor, float]:
    """The w and b of least squares, from the triangle; of least norm where they are not unique."""
    if _independent(x) and (precise := fitted(data.x, data.y)) is not None:
        return precise
    w = least_squares(x, y, means[:-1])
    return w, (means[-1] - means[:-1] @ w[:, 0]).item()


def least_squares(x: torch.Tensor, y: torch.Tensor, means: torch.Tensor) -> torch.Tensor:
    """The w of least squares of centred data, of least norm where it is not unique.

    `means` are those of the features before they were centred. Columns are scaled to about one
    length first: what only looks dependent since one column is 10¹⁰ times as long as another one
    then does not (van der Sluis, Condition numbers and equilibration of matrices, 1969).
    """
    lengths = _lengths(x)
    if _independent(x):
        left, scales, right = torch.linalg.svd(x / lengths, full_matrices=False)
        w: torch.Tensor = right.T @ ((left.T @ y) / scales.unsqueeze(1)) / lengths.unsqueeze(1)
    else:
        floor = _floor(torch.linalg.svdvals(_design(x, means)))
        w = torch.linalg.pinv(x, atol=floor, rtol=0.0) @ y
    return w


def _independent(x: torch.Tensor) -> bool:
    """Whether no column depends on the others, once all are of about one length."""
    scaled = x / _lengths(x)
    if not bool(scaled.isfinite().all()):
        return False
    scales = torch.linalg.svdvals(scaled)
    return bool(scales[-1] > len(scales) * torch.finfo(torch.float64).eps * scales[0])


def _lengths(x: torch.Tensor) -> torch.Tensor:
    """About the length of every column: a power of two, dividing by which rounds nothing."""
    return torch.exp2(torch.linalg.vector_norm(x, dim=0).log2().round())


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


def unknown(features: int) -> Theory:
    """The theory of data that are not finite: nothing is known of them."""
    row = (math.nan,) * (features + 1)
    return Theory(
        w=row[:-1],
        b=math.nan,
        loss=math.nan,
        variance=math.nan,
        hessian=(row,) * (features + 1),
        eigenvalues=row,
        eigenvectors=(row,) * (features + 1),
    )
