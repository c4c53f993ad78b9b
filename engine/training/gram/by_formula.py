"""Any iteration of gradient descent at once, from the sums alone.

The gradient is linear in θ = (w, b), so every number of the loop is, along each eigenvector of the
Hessian, a multiple of what it was an iteration before:

    gradient    G' = g                       or G' = G + g where it is never zeroed
    velocity    v' = μ v + G'
    parameter   δ' = δ - η v'                δ = θ - θ_0
    slope       g' = g - η λ v'              of the loss, at the new parameter

That is one 4×4 matrix M(λ) for an iteration, and M(λ)ᵏ for k of them, by repeated squaring. Without
momentum it says θ_k = θ* + V (1 - ηλ)ᵏ Vᵀ (θ_0 - θ*); but θ*, of which ill-conditioned data tell
little, and a division by a λ near 0 are never needed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.training.gram.moments import DataMoments
from engine.training.problem import Problem, State, Step

Numbers = NDArray[np.longdouble]


class ByFormula:
    """The iterations of one run, each by itself, in float64."""

    def __init__(self, moments: DataMoments, problem: Problem, start: State) -> None:
        self._moments, self._start = moments, start
        known = moments.theory()
        self._vectors = np.array(known.eigenvectors, np.longdouble)
        self._momentum = bool(problem.momentum)
        zeros = [0.0] * (len(start.w) + 1)
        slope = moments.gradient(start.w, start.b).tolist()
        rows = [slope, _joined(start.w_grad, start.b_grad) or zeros]
        rows += [_joined(start.w_velocity, start.b_velocity) or zeros, zeros]
        self._begun: Numbers = self._vectors @ np.array(rows, np.longdouble).T
        self._powers = [_iteration(problem, np.array(known.eigenvalues, np.longdouble))]

    def step(self, iteration: int) -> Step:
        """The iteration of that number, counted from 0, as the loop would have recorded it."""
        before, after = self._after(iteration), self._after(iteration + 1)
        loss = self._moments.loss(*self._parameters(before))
        w, b = self._parameters(after)
        _, gradient, velocity, _ = after
        velocities = (_w(velocity), float(velocity[-1])) if self._momentum else (None, None)
        return Step(iteration, loss, w, b, _w(gradient), float(gradient[-1]), *velocities)

    def _after(self, count: int) -> Numbers:
        """The slope, `.grad`, velocity and δ after so many iterations, a row each, b last."""
        along, power = self._begun[:, :, None], 0
        done = count - self._start.iteration
        with np.errstate(all="ignore"):
            while done >> power:
                if done >> power & 1:
                    along = self._power(power) @ along
                power += 1
            return (self._vectors.T @ along[:, :, 0]).T

    def _power(self, power: int) -> Numbers:
        """M to the 2^power, for every eigenvalue."""
        while len(self._powers) <= power:
            last = self._powers[-1]
            self._powers.append(last @ last)
        return self._powers[power]

    def _parameters(self, rows: Numbers) -> tuple[tuple[float, ...], float]:
        start = np.array([*self._start.w, self._start.b], np.longdouble)
        here = start + rows[-1]
        return _w(here), float(here[-1])


def _iteration(problem: Problem, eigenvalues: Numbers) -> Numbers:
    """M for every eigenvalue, of [eigenvalues, 4, 4]: slope, `.grad`, velocity and δ."""
    rate, kept = problem.learning_rate, 0.0 if problem.zeroing else 1.0
    matrices = np.zeros((len(eigenvalues), 4, 4), np.longdouble)
    velocity = np.array([1, kept, problem.momentum, 0], np.longdouble)
    matrices[:, 0] = [1, 0, 0, 0] - rate * eigenvalues[:, None] * velocity
    matrices[:, 1] = [1, kept, 0, 0]
    matrices[:, 2] = velocity
    matrices[:, 3] = [0, 0, 0, 1] - rate * velocity
    return matrices


def _w(row: Numbers) -> tuple[float, ...]:
    return tuple(map(float, row[:-1]))


def _joined(w: tuple[float, ...] | None, b: float | None) -> list[float] | None:
    return None if w is None or b is None else [*w, b]


def largest_difference(one: Step, other: Step) -> float:
    """How far w and b are apart after two iterations, at most."""
    pairs = zip((*one.w, one.b), (*other.w, other.b), strict=True)
    return max(abs(a - b) for a, b in pairs)
