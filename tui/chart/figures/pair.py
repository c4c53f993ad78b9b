"""Two directions in the space of the parameters, across which a loss surface is drawn."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from engine.training.problem import State
from engine.training.step_columns import Steps
from engine.training.theory import Theory
from tui.chart.figures.axes import Numbers


class Pair(Protocol):
    """Where parameters are along two directions, and how the loss bends along them."""

    def place(self, state: State) -> tuple[float, float]:
        """Return where a state is along both directions."""

    def tracks(self, steps: Steps) -> tuple[Numbers, Numbers]:
        """Return where the parameters are after each step, along both directions."""

    def bends(self, theory: Theory) -> tuple[float, float, float]:
        """Return ∂²J along the first direction, along both, and along the second."""

    def slopes(self, theory: Theory, state: State) -> tuple[float, float]:
        """Return ∂J of a state along both directions."""


class Parameters(NamedTuple):
    """Two of the parameters, by their places; b is the last."""

    x: int
    y: int

    def place(self, state: State) -> tuple[float, float]:
        """Return the two parameters of a state."""
        values = (*state.w, state.b)
        return values[self.x], values[self.y]

    def tracks(self, steps: Steps) -> tuple[Numbers, Numbers]:
        """Return the two parameters after each step, as the columns that they are."""
        columns = (*steps.w, steps.b)
        return columns[self.x], columns[self.y]

    def bends(self, theory: Theory) -> tuple[float, float, float]:
        """Return the entries of the Hessian."""
        first, second = theory.hessian[self.x], theory.hessian[self.y]
        return first[self.x], first[self.y], second[self.y]

    def slopes(self, theory: Theory, state: State) -> tuple[float, float]:
        """Return the two entries of the gradient, as H (θ - θ*)."""
        pairs = zip((*state.w, state.b), (*theory.w, theory.b), strict=True)
        offset = [value - best for value, best in pairs]
        first, second = (
            sum(h * o for h, o in zip(theory.hessian[at], offset, strict=True))
            for at in (self.x, self.y)
        )
        return first, second


class Eigenvectors(NamedTuple):
    """The steepest and the flattest direction at the optimum, which is at 0 on both."""

    theory: Theory

    def place(self, state: State) -> tuple[float, float]:
        """Return the error of a state along both eigenvectors."""
        along = self.theory.coefficients(state.w, state.b)
        return along[-1], along[0]

    def tracks(self, steps: Steps) -> tuple[Numbers, Numbers]:
        """Return the error after each step along both eigenvectors."""
        known = self.theory
        columns, best = (*steps.w, steps.b), (*known.w, known.b)
        found = []
        for vector in (known.eigenvectors[-1], known.eigenvectors[0]):
            along = np.zeros(len(steps))
            with np.errstate(over="ignore", invalid="ignore"):
                for part, column, at in zip(vector, columns, best, strict=True):
                    along += part * (np.asarray(column, np.float64) - at)
            found.append(along)
        return found[0], found[1]

    def bends(self, theory: Theory) -> tuple[float, float, float]:
        """Return the largest and the least eigenvalue; nothing bends along both."""
        return theory.eigenvalues[-1], 0.0, theory.eigenvalues[0]

    def slopes(self, theory: Theory, state: State) -> tuple[float, float]:
        """Return each eigenvalue times the error along its eigenvector."""
        first, second = self.place(state)
        return theory.eigenvalues[-1] * first, theory.eigenvalues[0] * second


def parameters(across: int, up: int, count: int) -> Parameters:
    """Return two different ones of so many parameters, the second one moved where it must be."""
    x, y = across % count, up % count
    return Parameters(x, (y - 1) % count if y == x else y)
