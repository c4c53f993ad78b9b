"""How far a run is from the optimum, in words: the same on the screen and on the command line."""

from __future__ import annotations

import math

from engine.data.source import Table
from engine.plurals import counted
from engine.training.convergence import Distance, distance
from engine.training.problem import Problem, State
from engine.training.theory import Theory
from tui.kit.text import safe

MANY = 1e4
"""With an error so many times an optimum, its own size says more than the part it is."""
FEW = 3
"""With at most so many parameters each one's distance is said, otherwise the largest."""


def off(problem: Problem, far: Distance, known: Theory) -> str:
    """How far the parameters and the loss are off, in one line."""
    names = parameter_names(problem)
    if len(names) <= FEW:
        errors = zip(names, (*far.w, far.b), (*known.w, known.b), strict=True)
        parts = [f"{name} {_off(error, best)}" for name, error, best in errors]
        words = f"{', '.join(parts[:-1])} and {parts[-1]} off the optimum"
    else:
        words = f"{names[far.worst]} furthest, {percent(far.share)} off the optimum"
    return f"{words}; loss {max(far.loss, 0.0):.2g} above least"


def remaining(far: Distance) -> str:
    """How many more iterations until all parameters are within 1 %."""
    if far.within:
        return "within 1%"
    if not far.foreseen:
        return "not within 1%"
    if far.more is None:
        return "like this never within 1%"
    return f"about {roughly(far.more, 'more iteration')} to within 1%"


def of_run(problem: Problem, known: Theory, start: State, here: State) -> Distance | None:
    """The distance of a state; None where the data have no optimum that is a number."""
    if not math.isfinite(known.loss + known.eigenvalues[-1]) or not known.eigenvalues[-1] > 0:
        return None
    return distance(problem, known, start, here)


def parameter_names(problem: Problem) -> list[str]:
    """What the parameters are called, b last; columns of a file by their names."""
    source = problem.source
    if isinstance(source, Table):
        return [*(f"w of {safe(name)}" for name in source.feature_names), "b"]
    count = problem.features
    return [*(["w"] if count == 1 else (f"w{i + 1}" for i in range(count))), "b"]


def percent(share: float) -> str:
    """A part in percent, of two digits: `0.077%`, `8.2%`, `820%`."""
    number = 100 * share
    if number < 0.001:
        return "<0.001%" if number else "0%"
    if not math.isfinite(number) or number >= 1e9:
        return f"{number:.1g}%"
    return f"{_two_digits(number):,.0f}%" if number >= 10 else f"{number:.2g}%"


def roughly(count: int, noun: str = "") -> str:
    """About how many, of two digits: `5,100`, `3e+12`; with its noun if there is one."""
    text = f"{_two_digits(count):,.0f}" if count < 1e9 else f"{float(count):.0e}"
    return text if not noun else f"{text} {counted(count, noun).partition(' ')[2]}"


def _off(error: float, best: float) -> str:
    """A part of the optimum, unless that is next to nothing."""
    return percent(abs(error / best)) if abs(error) < MANY * abs(best) else f"by {abs(error):.2g}"


def _two_digits(number: float) -> float:
    return float(f"{number:.2g}")
