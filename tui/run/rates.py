"""Learning rates that theory offers for a problem, rounded down so that what is typed converges."""

from __future__ import annotations

import math
from typing import NamedTuple

from engine.data.source import Table
from engine.training.convergence import distance, is_too_large, iterations_asked
from engine.training.problem import FLOAT32_LEAST, FLOAT32_MAX, Problem, State
from engine.training.theory import Theory, rounded_down

WIDER = "start with --dtype float64"
"""Where float32 holds no number of the kind that is needed."""
DEPENDENT = 1e12
"""From this condition on no rate tells columns apart: they say the same to some six digits."""
DEPENDENT_WORDS = "columns say nearly the same: only the fit is known, not each weight"


ROUNDED = 1e14
"""A curvature of features so large that float32 rounds them to whole numbers."""


class Offer(NamedTuple):
    """A learning rate to type, and what it is."""

    text: str
    formula: str


def offers(known: Theory | None, problem: Problem) -> tuple[Offer, ...]:
    """Rates that converge: at 1/λmax without swinging, at 2/(λmin+λmax) the fastest.

    None without a theory, or where gradients are never zeroed and no rate settles.
    """
    if known is None or not (problem.zeroing and problem.is_descent):
        return ()
    if not math.isfinite(known.eigenvalues[-1]):
        return ()
    safe = Offer(rounded_down(known.safe_rate), "1/λmax")
    if problem.momentum or not math.isfinite(known.best_rate):
        return (safe,)
    best = Offer(rounded_down(known.best_rate), "2/(λmin+λmax)")
    return (safe, best) if best.text != safe.text else (best,)


def offered(known: Theory | None, problem: Problem) -> str:
    """The offers in one line, empty where there is none: `0.4104 (1/λmax) or 0.7796 (…)`."""
    return " or ".join(f"{text} ({formula})" for text, formula in offers(known, problem))


def is_too_narrow(known: Theory | None, problem: Problem) -> bool:
    """Whether numbers overflow at a stable rate, in float32: in float64 they do not."""
    if known is not None and is_too_large(problem, known):
        return False
    return problem.dtype == "float32" and problem.is_descent


def overflows(known: Theory, problem: Problem) -> bool:
    """Whether the target alone is so large that its squares are beyond float32."""
    return problem.dtype == "float32" and known.loss_at([0.0] * len(known.w), 0.0) > FLOAT32_MAX


def is_rate_too_small(known: Theory, problem: Problem) -> bool:
    """Whether float32 rounds every rate that converges to nothing."""
    return problem.dtype == "float32" and known.safe_rate < FLOAT32_LEAST


def typed(known: Theory | None, problem: Problem) -> str:
    """What to do for a rate that converges; empty where none is offered."""
    if known is not None and is_rate_too_small(known, problem):
        return WIDER
    rates = offered(known, problem)
    return f"p: rate {rates}" if rates else ""


def scaling_helps(known: Theory | None, problem: Problem) -> bool:
    """Whether standardising the features makes descent at least twice as fast.

    Or has one optimum where rounding leaves many: of large numbers that differ by little.
    """
    source = problem.source
    if known is None or not isinstance(source, Table) or source.standardise:
        return False
    if not problem.is_descent:
        return False
    if not math.isfinite(known.eigenvalues[-1]):
        return False  # they spread too far to be standardised
    if known.scaling_decides:
        return True
    if known.singular and known.eigenvalues[-1] > ROUNDED:
        return True
    return 2 * known.scaled_condition <= known.speed_condition


def is_dependent(known: Theory, problem: Problem) -> bool:
    """Whether columns of data from a file say nearly the same, standardised or not."""
    if not isinstance(problem.source, Table) or known.singular:
        return False
    condition = known.scaled_condition
    return not (known.speed_condition if math.isnan(condition) else condition) < DEPENDENT


def asked(known: Theory) -> int | None:
    """About how many iterations the condition asks for at the best rate."""
    return iterations_asked(known.speed_condition)


def asked_if_scaled(known: Theory) -> int | None:
    """The same if the features were standardised."""
    return iterations_asked(known.scaled_condition)


def asked_at(known: Theory, problem: Problem, start: State) -> int | None:
    """About how many iterations from the start the problem's own rate needs."""
    return distance(problem, known, start, start).more
