"""Closed form beside what is observed: optimum, curvature, stability and speed of descent.

The loss J(w, b) = mean((y - x·w - b)²) is quadratic in θ = (w, b): J = J* + ½ (θ-θ*)ᵀ H (θ-θ*)
with a constant H. So plain gradient descent shrinks the error along every eigenvector of H by
1 - η·λ an iteration, and everything about it is known beforehand (Goodfellow, Bengio and
Courville, Deep Learning, 2016, section 4.3.1). The records and their methods are torch-free;
`closed_form` makes them.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import NamedTuple


class Prediction(NamedTuple):
    """The parameters and the loss that plain gradient descent will reach."""

    w: tuple[float, ...]
    b: float
    loss: float


@dataclass(frozen=True, slots=True)
class Theory:
    """The closed form of J(w, b), all float64; nan where the data are not finite."""

    w: tuple[float, ...]
    """The optimum, by least squares (where it is not unique, the w of least norm)."""
    b: float
    loss: float
    """J at the optimum, the least mean squared error."""
    hessian: tuple[tuple[float, ...], ...]
    """∂²J, (features + 1) squared, b last."""
    eigenvalues: tuple[float, ...]
    """The eigenvalues of the Hessian, ascending; exactly 0 along undetermined directions."""
    eigenvectors: tuple[tuple[float, ...], ...]
    """One of unit length for each eigenvalue, b last."""
    scaled_eigenvalues: tuple[float, ...] = ()
    """The eigenvalues, ascending, if the features were standardised; empty: not known."""
    variance: float = math.nan
    """Of y: the least J of a line that knows nothing of x."""

    def stable_rate(self, momentum: float = 0.0, *, zeroing: bool = True) -> float:
        """2 (1 + momentum) / λ_max: above it gradient descent with momentum diverges.

        The heavy ball's condition: B. T. Polyak, Some methods of speeding up the convergence
        of iteration methods, 1964. Without `zeroing` gradients add up, which is a momentum of 1:
        below 4 / λ_max the error swings for ever, neither growing nor shrinking. With momentum
        besides, the error goes by the roots of (z - momentum) (z - 1)² + η λ z². Their product is
        the momentum and one of them lies between 0 and it, so that one of the other two is beyond
        1: no rate is stable, the limit is 0.
        """
        if not zeroing:
            return 0.0 if momentum else 4 / self.eigenvalues[-1]
        return 2 * (1 + momentum) / self.eigenvalues[-1]

    @property
    def safe_rate(self) -> float:
        """1 / λ_max: no error changes its sign, and the steepest one is gone at once."""
        return 1 / self.eigenvalues[-1]

    @property
    def best_rate(self) -> float:
        """2 / (λ_min + λ_max): the fastest to the optimum in the long run, without momentum."""
        return 2 / (_least_positive(self.eigenvalues) + self.eigenvalues[-1])

    @property
    def condition(self) -> float:
        """λ_max / λ_min; infinite where the optimum is not unique."""
        low = self.eigenvalues[0]
        return self.eigenvalues[-1] / low if low > 0 else math.inf

    @property
    def speed_condition(self) -> float:
        """λ_max over the least λ above 0: how slow descent is, also to one of many optima."""
        return self.eigenvalues[-1] / _least_positive(self.eigenvalues)

    @property
    def scaled_condition(self) -> float:
        """The `speed_condition` if the features were standardised; nan: not known."""
        scaled = self.scaled_eigenvalues
        return scaled[-1] / _least_positive(scaled) if scaled else math.nan

    @property
    def singular(self) -> bool:
        """Whether many w and b are equally good, as where a column is constant."""
        return self.eigenvalues[0] == 0

    @property
    def scaling_decides(self) -> bool:
        """Whether many w and b are equally good, but fewer if the features were standardised.

        So it is with columns that are so small beside others, or beside 1, that rounding hides
        what they say.
        """
        scaled = self.scaled_eigenvalues
        return bool(scaled) and self.eigenvalues.count(0) > scaled.count(0)

    def distance(self, w: Sequence[float], b: float) -> float:
        """The Euclidean distance |θ - θ*| of (w, b) to the optimum."""
        return math.hypot(*self._offset(w, b))

    def coefficients(self, w: Sequence[float], b: float) -> list[float]:
        """The error θ - θ* along each eigenvector."""
        offset = self._offset(w, b)
        return [
            total(v * d for v, d in zip(vector, offset, strict=True))
            for vector in self.eigenvectors
        ]

    def loss_at(self, w: Sequence[float], b: float) -> float:
        """The mean squared error J(w, b), by the quadratic form."""
        return self._loss(self.coefficients(w, b))

    def r_squared(self, w: Sequence[float], b: float) -> float:
        """R², the part of y's variance that (w, b) explains; nan where y does not vary.

        Nor is it known where scaling decides.
        """
        if self.scaling_decides:
            return math.nan
        return 1 - self.loss_at(w, b) / self.variance if self.variance else math.nan

    def gradient_at(self, w: Sequence[float], b: float) -> tuple[tuple[float, ...], float]:
        """∂J/∂w and ∂J/∂b: (2/m) Xᵀ(Xw + b - y), as H (θ - θ*)."""
        slopes = [
            value * c for value, c in zip(self.eigenvalues, self.coefficients(w, b), strict=True)
        ]
        *w_grad, b_grad = self._combined(slopes)
        return tuple(w_grad), b_grad

    def predicted(
        self, w: Sequence[float], b: float, learning_rate: float, iterations: int
    ) -> Prediction:
        """The parameters and loss of plain gradient descent from (w, b) after `iterations`."""
        later = self._later(self.coefficients(w, b), learning_rate, iterations)
        moved = [best + d for best, d in zip((*self.w, self.b), self._combined(later), strict=True)]
        return Prediction(tuple(moved[:-1]), moved[-1], self._loss(later))

    def predicted_losses(
        self, w: Sequence[float], b: float, learning_rate: float, iterations: Iterable[int]
    ) -> list[float]:
        """The loss of `predicted` after each of these numbers of iterations."""
        start = self.coefficients(w, b)
        return [self._loss(self._later(start, learning_rate, count)) for count in iterations]

    def _later(
        self, coefficients: Sequence[float], learning_rate: float, iterations: int
    ) -> list[float]:
        return [
            _decayed(c, 1 - learning_rate * value, iterations)
            for value, c in zip(self.eigenvalues, coefficients, strict=True)
        ]

    def _offset(self, w: Sequence[float], b: float) -> list[float]:
        return [here - best for here, best in zip((*w, b), (*self.w, self.b), strict=True)]

    def _combined(self, coefficients: Sequence[float]) -> list[float]:
        """The sum of the eigenvectors, each times its coefficient."""
        return [
            sum(c * v for c, v in zip(coefficients, row, strict=True))
            for row in zip(*self.eigenvectors, strict=True)
        ]

    def _loss(self, coefficients: Sequence[float]) -> float:
        pairs = zip(self.eigenvalues, coefficients, strict=True)
        return self.loss + 0.5 * sum(value * c * c for value, c in pairs)


def total(numbers: Iterable[float]) -> float:
    """The sum, exact where it can be; not finite where an overflow or an infinity is in it."""
    numbers = list(numbers)
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):
        return sum(numbers)


def _least_positive(eigenvalues: Sequence[float]) -> float:
    return next((value for value in eigenvalues if value > 0), math.nan)


def rounded_down(limit: float) -> str:
    """The largest number of four digits below a limit: a learning rate that converges."""
    return f"{float(Context(prec=4).next_minus(Decimal(limit))):g}"


def ulps(a: float, b: float, dtype: str) -> int | None:
    """The number of floats of `dtype` between a and b: their distance in ulps.

    Both are rounded to the dtype first; None where one of them is not finite there.
    """
    try:
        positions = [_position(number, dtype) for number in (a, b) if math.isfinite(number)]
    except OverflowError:
        return None
    return abs(positions[0] - positions[1]) if len(positions) == 2 else None


def _position(number: float, dtype: str) -> int:
    """Which float of the dtype it is, counted from 0; negative below."""
    number_format, bits_format = {"float32": ("<f", "<I"), "float64": ("<d", "<Q")}[dtype]
    (bits,) = struct.unpack(bits_format, struct.pack(number_format, abs(number)))
    return int(math.copysign(1, number)) * int(bits)


def _decayed(coefficient: float, factor: float, iterations: int) -> float:
    if not coefficient:
        return 0.0
    try:
        return coefficient * factor**iterations
    except OverflowError:
        return math.inf
