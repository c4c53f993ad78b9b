"""What follows from the sums: the loss anywhere, its gradient, and the theory.

Nothing is written as the difference of two large numbers. With d = w - (the frame's w), ξ the mean
of x - centre, e the mean distance of y from the frame's line, and S the covariance,

    ρ = (w · centre + b - height) + d · ξ - e      the mean of prediction - y
    J = [d, -1]ᵀ S [d, -1] + ρ²
    ∂J/∂w = 2 (S_xx d - S_xe) + 2 ρ · mean(x)       ∂J/∂b = 2 ρ

At the optimum d is as small as what the first chunk did not know, so that J comes from the
distances themselves and not from yᵀy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from engine.training.closed_form import least_squares, theory_at, unknown
from engine.training.gram.sums import SumFrame, Sums
from engine.training.theory import Theory


@dataclass(frozen=True, slots=True, eq=False)
class DataMoments:
    """Means and covariances of x and of y's distance from the frame's line, float64."""

    count: int
    frame: SumFrame
    shift: torch.Tensor
    """The mean of x - centre and, last, of the distances."""
    covariance: torch.Tensor
    """Of [features + 1, features + 1]: over n, and the distances last."""

    @property
    def means(self) -> torch.Tensor:
        """The mean of every feature."""
        return self.frame.centre + self.shift[:-1]

    def loss(self, w: Sequence[float], b: float) -> float:
        """The mean squared error J(w, b) over all rows."""
        d, error = self._apart(w, b)
        direction = torch.cat([d, d.new_tensor([-1.0])])
        spread = direction @ self.covariance @ direction
        return max(spread.item(), 0.0) + error**2

    def gradient(self, w: Sequence[float], b: float) -> torch.Tensor:
        """∂J/∂w and, last, ∂J/∂b, at any parameters."""
        d, error = self._apart(w, b)
        slopes = self.covariance[:-1, :-1] @ d - self.covariance[:-1, -1]
        return 2 * torch.cat([slopes + error * self.means, d.new_tensor([error])])

    def theory(self) -> Theory:
        """Optimum, Hessian and stability, as the closed form has them of data in memory."""
        if not bool(self.covariance.isfinite().all() and self.means.isfinite().all()):
            return unknown(len(self.means))
        factor = _factor(self.covariance)
        x_part, e_part = factor[:, :-1], factor[:, -1:]
        d = least_squares(x_part, e_part, self.means)
        w = self.frame.w[:, None] + d
        loss = (e_part - x_part @ d).square().sum().item()
        height = self.frame.height.item() + (self.shift[-1] - self.shift[:-1] @ d[:, 0]).item()
        b = height - (self.frame.centre @ w[:, 0]).item()
        variance = (e_part + x_part @ self.frame.w[:, None]).square().sum().item()
        return theory_at(w, b, x_part, self.means, loss, variance)

    def standardised(self) -> tuple[DataMoments, tuple[float, ...], tuple[float, ...]]:
        """These for every x to mean 0 and deviation 1, with the means and the deviations.

        A column that is constant becomes 0, and its deviation 1.
        """
        scales = self.covariance.diagonal()[:-1].sqrt()
        constant = scales <= 4 * torch.finfo(torch.float64).eps * self.means.abs()
        scales = torch.where(constant, 1.0, scales)
        weights = torch.cat([torch.where(constant, 0.0, 1 / scales), scales.new_ones(1)])
        frame, zeros = self.frame, torch.zeros_like(scales)
        height = frame.height + frame.w @ self.shift[:-1]
        shift = torch.cat([zeros, self.shift[-1:]])
        covariance = self.covariance * weights * weights[:, None]
        frame = SumFrame(zeros, frame.w * scales, height)
        moved = DataMoments(self.count, frame, shift, covariance)
        return moved, tuple(self.means.tolist()), tuple(scales.tolist())

    def _apart(self, w: Sequence[float], b: float) -> tuple[torch.Tensor, float]:
        """How far w is from the frame's, and the mean of prediction - y."""
        frame = self.frame
        here = torch.tensor(w, dtype=torch.float64)
        d = here - frame.w
        at_centre = (here @ frame.centre).item() + b - frame.height.item()
        return d, at_centre + (d @ self.shift[:-1] - self.shift[-1]).item()


def moments(sums: Sums) -> DataMoments:
    """Means and covariances from the sums; raises ValueError where no row was added."""
    count = int(sums.gram[0, 0])
    if not count:
        raise ValueError("there are no rows")
    shift = sums.gram[0, 1:] / count
    covariance = sums.gram[1:, 1:] / count - shift * shift[:, None]
    return DataMoments(count, sums.frame, shift, covariance)


def _factor(covariance: torch.Tensor) -> torch.Tensor:
    """A matrix F with FᵀF the covariance, by the eigenvectors of the features' correlations.

    Of the features first, then of the distances beside them: these may be rounding alone, which
    correlates with anything, and must not touch what is known of the features.
    """
    lengths = covariance.diagonal()[:-1].clamp(min=0).sqrt()
    held = torch.where(lengths > 0, lengths, 1.0)
    values, vectors = torch.linalg.eigh(covariance[:-1, :-1] / held / held[:, None])
    values = torch.where(values > len(values) * torch.finfo(torch.float64).eps, values, 0.0)
    factor = torch.zeros_like(covariance)
    factor[:-1, :-1] = values.sqrt()[:, None] * vectors.T * lengths
    along = vectors.T @ (covariance[:-1, -1] / held)
    factor[:-1, -1] = torch.where(values > 0, along / values.sqrt(), 0.0)
    left = covariance[-1, -1] - factor[:-1, -1].square().sum()
    factor[-1, -1] = left.clamp(min=0).sqrt()
    return factor
