"""The loss over two parameters, the first w and b, with all others held: a parabolic bowl."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.training.problem import State
from engine.training.theory import Theory

FLAT = 1e-12
"""A curvature below this part of the largest counts as none."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Loss = its least + λ₁/2 · d₁² + λ₂/2 · d₂², where d is (w, b) - minimum along the axes."""

    w: float
    b: float
    """Where the loss is least in the plane (the minimum nearest the state if it is not unique)."""
    curvatures: tuple[float, float]
    """λ₁ ≥ λ₂ ≥ FLAT · λ₁ > 0."""
    axis: tuple[float, float]
    """Unit vector of λ₁; the other one is (-axis[1], axis[0])."""

    def excess(self, w: float, b: float) -> float:
        """Return how far the loss is above the plane's least."""
        first, second = self._along(w, b)
        return 0.5 * (self.curvatures[0] * first * first + self.curvatures[1] * second * second)

    def gradient(self, w: float, b: float) -> tuple[float, float]:
        """Return the gradient of the loss at a state: ∂loss/∂w and ∂loss/∂b."""
        first, second = (c * d for c, d in zip(self.curvatures, self._along(w, b), strict=True))
        return self._combined(first, second)

    def offset(self, w: float, b: float) -> tuple[float, float]:
        """Return the offset from the least, without what lies along a valley with a flat floor."""
        first, second = self._along(w, b)
        return self._combined(first, 0.0 if self.flat else second)

    @property
    def flat(self) -> bool:
        """Whether the loss is the same all along the second axis."""
        return _flat(self.curvatures)

    def radii(self, excess: float) -> tuple[float, float]:
        """Return half the axes of the ellipse on which the loss is so far above the least."""
        first, second = (math.sqrt(2 * excess / c) for c in self.curvatures)
        return first, second

    def ellipse(self, excess: float, corners: int) -> list[tuple[float, float]]:
        """Return the contour at that height as a closed polygon."""
        first, second = self.radii(excess)
        angles = (2 * math.pi * i / corners for i in range(corners + 1))
        offsets = (self._combined(first * math.cos(a), second * math.sin(a)) for a in angles)
        return [(self.w + w, self.b + b) for w, b in offsets]

    def reach(self, excess: float) -> tuple[float, float]:
        """Return half width and half height of the box around that contour."""
        first, second = self.radii(excess)
        u, v = self.axis
        return math.hypot(first * u, second * v), math.hypot(first * v, second * u)

    def _along(self, w: float, b: float) -> tuple[float, float]:
        u, v = self.axis
        dw, db = w - self.w, b - self.b
        return u * dw + v * db, u * db - v * dw

    def _combined(self, first: float, second: float) -> tuple[float, float]:
        u, v = self.axis
        return u * first - v * second, v * first + u * second


def plane(theory: Theory, state: State) -> Plane | None:
    """Return the plane through a state; None where the loss is flat or not finite there."""
    (a, c), (_, d) = [(row[0], row[-1]) for row in (theory.hessian[0], theory.hessian[-1])]
    half, turn = (a - d) / 2, math.hypot((a - d) / 2, c)
    largest = (a + d) / 2 + turn
    if not (math.isfinite(largest) and FLAT * largest > 0):
        return None
    axis = _unit(turn + half, c) if half >= 0 else _unit(c, turn - half)
    curvatures = (largest, max((a + d) / 2 - turn, FLAT * largest))
    if len(state.w) == 1:
        w, b = theory.w[0], theory.b
    else:
        w, b = _least(theory, state, curvatures, axis)
    return Plane(w, b, curvatures, axis) if math.isfinite(w) and math.isfinite(b) else None


def _least(
    theory: Theory, state: State, curvatures: tuple[float, float], axis: tuple[float, float]
) -> tuple[float, float]:
    """One Newton step from the state, within the plane and not along what is flat."""
    offset = [x - y for x, y in zip((*state.w, state.b), (*theory.w, theory.b), strict=True)]
    slope_w, slope_b = (
        sum(h * o for h, o in zip(theory.hessian[row], offset, strict=True)) for row in (0, -1)
    )
    u, v = axis
    first = (u * slope_w + v * slope_b) / curvatures[0]
    second = 0.0 if _flat(curvatures) else (u * slope_b - v * slope_w) / curvatures[1]
    return state.w[0] - (u * first - v * second), state.b - (v * first + u * second)


def _flat(curvatures: tuple[float, float]) -> bool:
    return curvatures[1] <= 2 * FLAT * curvatures[0]


def _unit(x: float, y: float) -> tuple[float, float]:
    length = math.hypot(x, y)
    return (x / length, y / length) if length > 0 else (1.0, 0.0)
