"""The loss along two directions, such as the first w and b, all else held: a parabolic bowl."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.training.problem import State
from engine.training.theory import Theory
from tui.chart.figures.pair import Pair, Parameters

FLAT = 1e-12
"""A curvature below this part of the largest counts as none."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Loss = its least + λ₁/2 · d₁² + λ₂/2 · d₂², where d is (x, y) - minimum along the axes."""

    x: float
    y: float
    """Where the loss is least in the plane (the minimum nearest the state if it is not unique)."""
    curvatures: tuple[float, float]
    """λ₁ ≥ λ₂ ≥ FLAT · λ₁ > 0."""
    axis: tuple[float, float]
    """Unit vector of λ₁; the other one is (-axis[1], axis[0])."""

    def excess(self, x: float, y: float) -> float:
        """Return how far the loss is above the plane's least."""
        first, second = self._along(x, y)
        return 0.5 * (self.curvatures[0] * first * first + self.curvatures[1] * second * second)

    def gradient(self, x: float, y: float) -> tuple[float, float]:
        """Return the gradient of the loss at a state: ∂loss/∂x and ∂loss/∂y."""
        first, second = (c * d for c, d in zip(self.curvatures, self._along(x, y), strict=True))
        return self._combined(first, second)

    def offset(self, x: float, y: float) -> tuple[float, float]:
        """Return the offset from the least, without what lies along a valley with a flat floor."""
        first, second = self._along(x, y)
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
        return [(self.x + x, self.y + y) for x, y in offsets]

    def reach(self, excess: float) -> tuple[float, float]:
        """Return half width and half height of the box around that contour."""
        first, second = self.radii(excess)
        u, v = self.axis
        return math.hypot(first * u, second * v), math.hypot(first * v, second * u)

    def _along(self, x: float, y: float) -> tuple[float, float]:
        u, v = self.axis
        dx, dy = x - self.x, y - self.y
        return u * dx + v * dy, u * dy - v * dx

    def _combined(self, first: float, second: float) -> tuple[float, float]:
        u, v = self.axis
        return u * first - v * second, v * first + u * second


def plane(theory: Theory, state: State, pair: Pair | None = None) -> Plane | None:
    """Return the plane through a state along a pair of directions, by default the first w and b.

    None where the loss is flat or not finite there.
    """
    pair = pair or Parameters(0, len(state.w))
    a, c, d = pair.bends(theory)
    half, turn = (a - d) / 2, math.hypot((a - d) / 2, c)
    largest = (a + d) / 2 + turn
    if not (math.isfinite(largest) and FLAT * largest > 0):
        return None
    axis = _unit(turn + half, c) if half >= 0 else _unit(c, turn - half)
    curvatures = (largest, max((a + d) / 2 - turn, FLAT * largest))
    if len(state.w) == 1 and isinstance(pair, Parameters):
        x, y = pair.place(State(0, theory.w, theory.b))
    else:
        x, y = _least(theory, state, pair, curvatures, axis)
    return Plane(x, y, curvatures, axis) if math.isfinite(x) and math.isfinite(y) else None


def _least(
    theory: Theory,
    state: State,
    pair: Pair,
    curvatures: tuple[float, float],
    axis: tuple[float, float],
) -> tuple[float, float]:
    """One Newton step from the state, within the plane and not along what is flat."""
    slope_x, slope_y = pair.slopes(theory, state)
    u, v = axis
    first = (u * slope_x + v * slope_y) / curvatures[0]
    second = 0.0 if _flat(curvatures) else (u * slope_y - v * slope_x) / curvatures[1]
    x, y = pair.place(state)
    return x - (u * first - v * second), y - (v * first + u * second)


def _flat(curvatures: tuple[float, float]) -> bool:
    return curvatures[1] <= 2 * FLAT * curvatures[0]


def _unit(x: float, y: float) -> tuple[float, float]:
    length = math.hypot(x, y)
    return (x / length, y / length) if length > 0 else (1.0, 0.0)
