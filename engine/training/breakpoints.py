"""Conditions that stop a run, and their text form.

    i=200        after iteration 200 (counted from 0)
    loss<1e-4    loss>10
    grad<1e-3    grad>100      the Euclidean norm of all gradients
    dist<0.01                  |θ - θ*|, the distance of (w, b) to the optimum
    gain<1e-6                  by how much of itself the loss fell since the last iteration

A run stops where a condition becomes true, so that it can be continued from there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from engine.training.problem import Step
from engine.training.theory import Theory

Kind = Literal["i=", "loss<", "loss>", "grad<", "grad>", "dist<", "gain<"]

_WORDS: dict[Kind, str] = {
    "i=": "iteration",
    "loss<": "loss below",
    "loss>": "loss above",
    "grad<": "|gradient| below",
    "grad>": "|gradient| above",
    "dist<": "distance to the optimum below",
    "gain<": "relative improvement below",
}


class BreakpointError(ValueError):
    """A text that is no breakpoint: one line that says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """One condition; a non-finite number always stops a run and needs none."""

    kind: Kind
    threshold: float
    enabled: bool = True

    @property
    def code(self) -> str:
        """The text that `parse` reads: `loss<0.0001`."""
        return f"{self.kind}{_number(self.threshold)}"

    @property
    def text(self) -> str:
        """The condition in English, on one line: `loss below 0.0001`."""
        return f"{_WORDS[self.kind]} {_number(self.threshold)}"

    def holds(self, step: Step, previous: Step | None, theory: Callable[[], Theory]) -> bool:
        """Whether the condition is true after `step`; `theory` is asked for only where needed."""
        match self.kind:
            case "i=":
                return step.iteration == self.threshold
            case "loss<":
                return step.loss < self.threshold
            case "loss>":
                return step.loss > self.threshold
            case "grad<":
                return math.hypot(*step.w_grad, step.b_grad) < self.threshold
            case "grad>":
                return math.hypot(*step.w_grad, step.b_grad) > self.threshold
            case "dist<":
                return theory().distance(step.w, step.b) < self.threshold
            case "gain<":
                return previous is not None and _gain(previous, step) < self.threshold


class BreakpointWatch:
    """Watches a run for breakpoints that become true; owned by the loop that trains."""

    def __init__(
        self,
        breakpoints: Iterable[Breakpoint],
        theory: Callable[[], Theory],
        steps: Sequence[Step] = (),
        stopped_by: Breakpoint | None = None,
    ) -> None:
        """After `steps`, of which the last two matter; `stopped_by` is known to hold there."""
        self._breakpoints = [point for point in breakpoints if point.enabled]
        self._theory = theory
        previous, self._last = (None, None, *steps)[-2:]
        self._held = self._holding(self._last, previous) if self._last else set()
        if stopped_by:
            self._held.add(stopped_by)

    def hit(self, step: Step) -> Breakpoint | None:
        """The first breakpoint that has become true with `step`, the next after the last."""
        if not self._breakpoints:
            return None
        held = self._holding(step, self._last)
        new = held - self._held
        self._held, self._last = held, step
        return next((point for point in self._breakpoints if point in new), None)

    def _holding(self, step: Step, previous: Step | None) -> set[Breakpoint]:
        return {p for p in self._breakpoints if p.holds(step, previous, self._theory)}


def parse(text: str) -> Breakpoint:
    """The breakpoint that a text like `loss<1e-4` means; BreakpointError where it means none."""
    compact = "".join(text.split())
    kind = next((kind for kind in get_args(Kind) if compact.startswith(kind)), None)
    if kind is None:
        known = ", ".join(f"{kind}…" for kind in get_args(Kind))
        raise BreakpointError(f"a breakpoint is one of {known}, not {text!r}")
    try:
        threshold = float(compact.removeprefix(kind))
    except ValueError:
        raise BreakpointError(f"a number must follow {kind} in {text!r}") from None
    if kind == "i=" and not (threshold >= 0 and threshold.is_integer()):
        raise BreakpointError(f"i= needs a whole number from 0, not {text!r}")
    if not (math.isfinite(threshold) and threshold >= 0):
        raise BreakpointError(f"a finite number from 0 must follow {kind} in {text!r}")
    return Breakpoint(kind, threshold)


def _gain(previous: Step, step: Step) -> float:
    """An iteration's share; the geometric mean where a thinned history left some out."""
    if not previous.loss:
        return 0.0
    apart = step.iteration - previous.iteration
    return 1 - math.pow(step.loss / previous.loss, 1 / apart)


def _number(number: float) -> str:
    return repr(number).removesuffix(".0")
