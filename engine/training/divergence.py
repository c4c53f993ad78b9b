"""Why a run diverges or met a number that is not finite, in one line that names what to change."""

from __future__ import annotations

import math

from engine.training.convergence import (
    AT_LIMIT,
    is_at_limit,
    is_too_large,
    largest_rate,
    tolerances,
)
from engine.training.gradient_rounding import EPSILON
from engine.training.problem import Problem, State, Step
from engine.training.theory import Theory, rounded_down

GROWN = 1.001
"""An error so many times as large as at the start has grown."""
ROUNDING = 64
"""So many ulps of w and b may be for rounding alone."""
LINEAR = ("sgd", "nesterov")
"""Methods whose steps are as large as the gradients, and grow with the error."""
LOST = 1e6
"""A loss so many times as large as at the start, and as that of no line at all, only grows."""


class DivergenceWatch:
    """Sees a run that cannot recover long before it meets a number that is not finite.

    Above the largest stable rate the error grows along the eigenvectors with the largest
    eigenvalues, from iteration to iteration and for ever: it never does where there is none, as
    in a run that starts at the optimum.
    """

    def __init__(self, problem: Problem, start: State, known: Theory) -> None:
        """Watch a run from `start`; `known` is the theory of the problem."""
        self._problem = problem
        self._theory = known
        self._begun = self._theory.coefficients(start.w, start.b)
        self._start = start
        self._unstable = _unstable(self._theory, problem)
        self._usual = max(known.loss_at(start.w, start.b), known.variance, known.loss)

    def sign(self, step: Step) -> str | None:
        """One line on a step, the first after which the run cannot recover; None before it."""
        if not self._problem.is_descent:
            return self._lost(step) if self._problem.method in LINEAR else None
        if not self._unstable:
            return None
        now = self._theory.coefficients(step.w, step.b)
        grown = (k for k in self._unstable if abs(now[k]) > GROWN * abs(self._begun[k]))
        if all(abs(now[k]) <= self._rounding(step, k) for k in grown):
            return None
        return f"diverging at iteration {step.iteration:,}: {_above(self._theory, self._problem)}"

    def at_end(self, step: Step) -> str | None:
        """The same of the last step of a run.

        No method is done where its loss has grown so, nor where an error stays as it is.
        """
        ends = self._stuck if self._problem.is_descent else self._lost
        return self.sign(step) or ends(step)

    def _stuck(self, step: Step) -> str | None:
        """The same of a step whose error does not shrink, and is more than 1 % of the way."""
        now = self._theory.coefficients(step.w, step.b)
        allowed = tolerances(self._theory, self._start)
        for k in _lasting(self._theory, self._problem):
            parts = zip(self._theory.eigenvectors[k], allowed, strict=True)
            far = any(abs(now[k] * v) > most for v, most in parts)
            if far and abs(now[k]) > self._rounding(step, k):
                why = _above(self._theory, self._problem)
                return f"stuck at iteration {step.iteration:,}: {why}"
        return None

    def _lost(self, step: Step) -> str | None:
        """The same of a step in batches or ahead, whose limit theory does not know.

        No chance of the batches makes the loss so large, and nothing there makes it small again.
        """
        if not step.loss > LOST * self._usual > 0:
            return None
        times = self._theory.loss_at(step.w, step.b) / self._usual
        if not times > LOST:
            return None
        words = f"the loss is {times:.0e} times what it was at the start"
        return f"diverging at iteration {step.iteration:,}: {words}"

    def _rounding(self, step: Step, k: int) -> float:
        """How far rounding alone may move w and b along an eigenvector.

        By what each of them is of it: a large w may be flat where b is steep.
        """
        pairs = zip((*step.w, step.b), (*self._theory.w, self._theory.b), strict=True)
        parts = zip(pairs, self._theory.eigenvectors[k], strict=True)
        size = sum(abs(v) * max(abs(here), abs(best)) for (here, best), v in parts)
        return ROUNDING * EPSILON[self._problem.dtype] * size


def _unstable(known: Theory, problem: Problem) -> tuple[int, ...]:
    """The eigenvectors along which the error grows."""
    if problem.learning_rate <= largest_rate(problem, known):
        return ()
    return _beyond(known, problem, 1.0)


def _lasting(known: Theory, problem: Problem) -> tuple[int, ...]:
    """The eigenvectors along which the error stays as it is."""
    return _beyond(known, problem, 1 - 2 * AT_LIMIT) if is_at_limit(problem, known) else ()


def _beyond(known: Theory, problem: Problem, part: float) -> tuple[int, ...]:
    """The eigenvectors for which the rate is above this part of their limit."""
    limit = largest_rate(problem, known)
    if not math.isfinite(limit):
        return ()
    # The limit goes by the largest eigenvalue; each of the others has its own.
    least = part * limit * known.eigenvalues[-1] / problem.learning_rate
    return tuple(k for k, value in enumerate(known.eigenvalues) if value > least)


def why_never(known: Theory, problem: Problem) -> str:
    """Why a run converges neither now nor later, in a few words; empty where it may."""
    return _above(known, problem) if is_too_large(problem, known) else ""


def _above(known: Theory, problem: Problem) -> str:
    """Why no run of the problem converges, whose rate is at the largest stable one or above."""
    limit = largest_rate(problem, known)
    if not limit:
        return "with momentum no learning rate is stable where gradients are never zeroed"
    added = "" if problem.zeroing else ", since gradients are never zeroed"
    rate, stable = f"{problem.learning_rate:g}", rounded_down(limit)
    if is_at_limit(problem, known):
        does = "keeps its size" if problem.zeroing else "grows"
        return f"learning rate {rate} is the largest stable, where the error {does}{added}"
    return f"learning rate {rate} is above the largest stable, {stable}{added}"


def explain(problem: Problem, step: Step, known: Theory) -> str:
    """One line on `step`, the first of a run that is not finite, by the theory of the problem."""
    if not math.isfinite(known.eigenvalues[-1]):
        return f"stopped at iteration {step.iteration:,}: the data are not finite or too large"
    if problem.learning_rate > largest_rate(problem, known):
        return f"diverged at iteration {step.iteration:,}: {_above(known, problem)}"
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
