"""How far a run is from the optimum, and how many more iterations the condition asks for.

Gradient descent with momentum shrinks the error along an eigenvector of the Hessian by the
same factor in each iteration (in the long run, where there is momentum): the largest root of
z² - (1 + momentum - η λ) z + momentum, which without momentum is 1 - η λ. Torch-free.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.training.problem import Problem, State
from engine.training.theory import Theory, total

Floats = NDArray[np.float64]

WITHIN = 0.01
"""The optimum is reached within 1 %: of its value or of the way to it, whichever is more."""
AT_LIMIT = 1e-9
"""A rate nearer to the largest stable one than this part of it is that rate.

No run is long enough to tell them apart: at most a thousand million iterations shrink the error
along the steepest direction by less than 1 %.
"""
MOST = 10**15
"""With more iterations than this to go a run never gets there."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a state is from the optimum that gradient descent leads it to."""

    w: tuple[float, ...]
    """Each w minus its optimum."""
    b: float
    loss: float
    """The loss of the state minus the least loss."""
    worst: int
    """Which parameter is furthest off: the index of a feature, or their number for b."""
    share: float
    """How far that one is off, as a part of its optimum, or of its way there if that is more."""
    more: int | None
    """About how many iterations until all are within 1 %; None where they never are, or unknown."""
    foreseen: bool = True
    """Whether theory knows that: of gradient descent on all points, with or without momentum."""

    @property
    def within(self) -> bool:
        """Whether every parameter is within 1 % of the optimum."""
        return self.share <= WITHIN


def distance(problem: Problem, known: Theory, start: State, here: State) -> Distance:
    """Return how far a run that began at `start` is from the optimum at `here`."""
    errors, scales = _errors(known, here), _scales(known, start)
    shares = [_share(error, scale) for error, scale in zip(errors, scales, strict=True)]
    worst = max(range(len(shares)), key=lambda i: (math.isnan(shares[i]), shares[i]))
    reached, foreseen = shares[worst] <= WITHIN, problem.is_descent
    more = 0 if reached else None
    if foreseen and not reached:
        more = _remaining(problem, known, here, tolerances(known, start))
    excess = known.loss_at(here.w, here.b) - known.loss
    return Distance(tuple(errors[:-1]), errors[-1], excess, worst, shares[worst], more, foreseen)


def largest_rate(problem: Problem, known: Theory) -> float:
    """Return the largest stable learning rate; nan of what theory does not know, which is no rate.

    A comparison with nan is false: neither converges nor diverges what nothing is known of.
    """
    if not problem.is_descent:
        return math.nan
    return known.stable_rate(problem.momentum, zeroing=problem.zeroing)


def is_at_limit(problem: Problem, known: Theory) -> bool:
    """Whether the learning rate is the largest stable one, at which an error stays as it is."""
    limit = largest_rate(problem, known)
    return 0 < limit < math.inf and abs(problem.learning_rate - limit) <= AT_LIMIT * limit


def is_too_large(problem: Problem, known: Theory) -> bool:
    """Whether the learning rate is at the largest stable one or above, so that no error shrinks."""
    limit = largest_rate(problem, known)
    above = math.isfinite(limit) and problem.learning_rate > limit
    return above or is_at_limit(problem, known)


def goal(known: Theory, start: State) -> tuple[float, ...]:
    """Return the optimum that gradient descent from `start` leads to, b last."""
    pairs = zip((*start.w, start.b), _errors(known, start), strict=True)
    return tuple(value - error for value, error in pairs)


def aimed(known: Theory, start: State) -> Theory:
    """Return the same, but of many optima the one that gradient descent from `start` leads to."""
    return _aimed(known, start) if known.singular else known


def tolerances(known: Theory, start: State) -> tuple[float, ...]:
    """Return how far off the optimum each parameter of a run from `start` may be, b last."""
    return tuple(WITHIN * scale for scale in _scales(known, start))


def iterations_asked(condition: float) -> int | None:
    """Return how many iterations shrink the error to 1 % at the best learning rate.

    Each does by (condition - 1) / (condition + 1); None where the condition has no bound.
    """
    if not 1 <= condition < MOST:
        return None
    factor = (condition - 1) / (condition + 1)
    return max(math.ceil(math.log(WITHIN) / math.log(factor)), 1) if factor else 1


@lru_cache(maxsize=8)
def _aimed(known: Theory, start: State) -> Theory:
    *w, b = goal(known, start)
    return replace(known, w=tuple(w), b=b)


def _errors(known: Theory, here: State) -> list[float]:
    """The parameters minus the optimum nearest to them: nothing moves along what is flat."""
    if not known.singular:
        pairs = zip((*here.w, here.b), (*known.w, known.b), strict=True)
        return [value - best for value, best in pairs]
    kept = [
        c if value > 0 else 0.0
        for c, value in zip(known.coefficients(here.w, here.b), known.eigenvalues, strict=True)
    ]
    return [
        total(c * v for c, v in zip(kept, row, strict=True))
        for row in zip(*known.eigenvectors, strict=True)
    ]


def _scales(known: Theory, start: State) -> list[float]:
    """What each parameter's error is a part of."""
    ways = zip((*start.w, start.b), _errors(known, start), strict=True)
    return [max(abs(begun - way), abs(way)) for begun, way in ways]


def _share(error: float, scale: float) -> float:
    return abs(error) / scale if scale else math.copysign(math.inf, error) if error else 0.0


def _remaining(
    problem: Problem, known: Theory, here: State, allowed: Sequence[float]
) -> int | None:
    """The fewest iterations after which the sum of all parts of each error is tolerable."""
    if not problem.zeroing:
        return None
    sizes, factors, vectors = _parts(problem, known, here)
    if not np.isfinite(sizes).all() or (factors[sizes > 0] >= 1).any():
        return None

    def reached(count: int) -> bool:
        return bool(((sizes * factors**count) @ vectors <= allowed).all())

    high = 1
    while not reached(high):
        high *= 2
        if high > MOST:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _parts(problem: Problem, known: Theory, here: State) -> tuple[Floats, Floats, Floats]:
    """The size of the error along each eigenvector that is not flat, and what shrinks it.

    That is a factor an iteration. Last, how much of each vector is each parameter's.
    """
    along = known.coefficients(here.w, here.b)
    steep = [k for k, value in enumerate(known.eigenvalues) if value > 0]
    rate, momentum = problem.learning_rate, problem.momentum
    factors = [_factor(rate * known.eigenvalues[k], momentum) for k in steep]
    vectors = [known.eigenvectors[k] for k in steep]
    return np.abs([along[k] for k in steep]), np.array(factors), np.abs(vectors)


def _factor(step: float, momentum: float) -> float:
    middle = 1 + momentum - step
    inner = middle * middle - 4 * momentum
    if inner < 0:
        return math.sqrt(momentum)
    return (abs(middle) + math.sqrt(inner)) / 2
