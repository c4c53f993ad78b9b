"""Why a run met a number that is not finite, in one line that names what to change."""

from __future__ import annotations

import math

from engine.training.closed_form import theory
from engine.training.problem import Problem, Step


def explain(problem: Problem, step: Step) -> str:
    """One line on `step`, the first of a run that is not finite; solves the closed form."""
    known = theory(problem)
    rate = problem.learning_rate
    if not math.isfinite(known.eigenvalues[-1]):
        return f"stopped at iteration {step.iteration:,}: the data are not finite or too large"
    limit = known.stable_rate(problem.momentum, zeroing=problem.zeroing)
    if not limit:
        return (
            f"diverged at iteration {step.iteration:,}: with momentum no learning rate is stable "
            "where gradients are never zeroed"
        )
    if rate > limit:
        added = "" if problem.zeroing else ", since gradients are never zeroed"
        return (
            f"diverged at iteration {step.iteration:,}: learning rate {rate:g} is above "
            f"the largest stable, {limit:.4g}{added}"
        )
    found = ", ".join(f"{name} {number}" for name, number in _named(step))
    if not problem.zeroing:
        return f"stopped at iteration {step.iteration:,}: {found}; gradients are never zeroed"
    return f"stopped at iteration {step.iteration:,}: {found} in {problem.dtype}"


def _named(step: Step) -> list[tuple[str, float]]:
    """What is not finite, each with the first such number."""
    parts = {
        "loss": (step.loss,),
        "∂w": step.w_grad,
        "∂b": (step.b_grad,),
        "w": step.w,
        "b": (step.b,),
    }
    wrong = {name: [n for n in part if not math.isfinite(n)] for name, part in parts.items()}
    return [(name, numbers[0]) for name, numbers in wrong.items() if numbers]
