"""Another learning rate by one key: `+` and `-` go along 1, 2, 5, 10 … in any power of ten."""

from __future__ import annotations

import math
from dataclasses import replace

from engine.training.problem import Problem


def with_next_rate(problem: Problem, by: int) -> Problem:
    """Return the problem with the next larger learning rate (`by` above 0) or the next smaller."""
    return replace(problem, learning_rate=next_rate(problem.learning_rate, by))


def next_rate(rate: float, by: int) -> float:
    """Return the next of 1, 2, 5, 10 … above a rate (`by` above 0) or below; the rate is > 0.

    Itself where the next one would be 0 or infinite.
    """
    exponent = math.floor(math.log10(rate))
    ladder = [
        float(f"{digit}e{power}")
        for power in range(exponent - 1, exponent + 2)
        for digit in (1, 2, 5)
    ]
    close = 1e-9 * rate
    if by > 0:
        return min((step for step in ladder if rate + close < step < math.inf), default=rate)
    return max((step for step in ladder if 0 < step < rate - close), default=rate)
