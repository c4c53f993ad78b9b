"""A loss that grows from pass to pass, until it is infinite or until the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from engine.recording.findings import GROWTH, Finding
from engine.script.checks.places import Place
from engine.script.checks.words import Words

LOOKED_AT = 12
"""So many losses in a row, the latest finite ones, must all grow."""
LEAST = 5
"""So many losses must be known, where the last one is finite."""
FACTOR = 100.0
"""By so much altogether; less may be chance, or what is wanted."""


class LossGrowth:
    """Takes the losses of all passes in their order, and remembers only the latest."""

    def __init__(self) -> None:
        self._count = 0
        self._first: float | None = None
        self._latest: list[float] = []
        self._not_finite: tuple[int, float] | None = None

    def add(self, losses: Sequence[float], without: Iterable[int] = ()) -> None:
        """Take the losses of passes that have ended; those at the places `without` have none."""
        gone = set(without)
        known = [loss for at, loss in enumerate(losses) if at not in gone] if gone else losses
        if known and self._not_finite is None and math.isfinite(sum(known)):
            self._count += len(known) + len(gone)
            if self._first is None:
                self._first = abs(known[0])
            self._latest = [*self._latest, *known[-LOOKED_AT:]][-LOOKED_AT:]
            return
        for at, loss in enumerate(losses):
            number, self._count = self._count, self._count + 1
            if at in gone or self._not_finite is not None:
                continue
            if not math.isfinite(loss):
                self._not_finite = number, loss
                continue
            if self._first is None:
                self._first = abs(loss)
            self._latest = [*self._latest[-LOOKED_AT + 1 :], loss]

    def ended(
        self,
        place: Place | None,
        moment: int,
        uphill: Callable[[], Place | None] = lambda: None,
    ) -> Iterator[Finding]:
        """Yield how the losses have grown; `place` is the line of the passes.

        `uphill` finds one that adds a gradient, which is right where something is to become
        large.
        """
        growth = self._growth()
        if place is None or growth is None:
            return
        until = "and was still growing at the end"
        number = max(self._count - 1, 0)
        if self._not_finite is not None:
            number, loss = self._not_finite
            kind = "infinite" if math.isinf(loss) else "nan"
            until = f"first {kind} at pass {number:,}"
        what = f"The loss grew ×{growth:.3g} a pass, {until}."
        yield _words(what, growth, uphill(), place).finding(GROWTH, number, moment)

    def _growth(self) -> float | None:
        """The factor a pass; None where the loss does not grow, or not enough.

        Of a quadratic loss it is (rate · λ - 1)², and the rate must be below 2/λ.
        """
        if self._not_finite is None and self._latest[-1:] < [0.0]:
            return None  # it falls below zero, without a bound: that is what is asked for
        latest = [abs(loss) for loss in self._latest]
        if len(latest) < (LEAST if self._not_finite is None else 3) or latest[0] <= 0:
            return None
        if not all(after > before for before, after in pairwise(latest)):
            return None
        if latest[-1] < FACTOR * max(self._first or 0.0, latest[0]):
            return None
        return math.exp(math.log(latest[-1] / latest[0]) / (len(latest) - 1))


def _words(what: str, growth: float, adds: Place | None, place: Place) -> Words:
    """What is said of a growth; `adds` is where a gradient is added, if anywhere."""
    if adds is not None:
        return Words(
            what,
            f"`{adds.text}`, {adds.said}, adds the gradient, so each step goes uphill: "
            "right where this is to become large, wrong where it is a loss.",
            "If it is to become small, subtract the gradient.",
            place,
        )
    less = _rounded((math.sqrt(growth) + 1) / 2)
    return Words(
        what,
        "Every step goes further beyond the minimum than the one before: the step is too "
        "long for this loss, or goes uphill.",
        f"Divide the learning rate by about {less} or more, scale the "
        "inputs to about 1, and check that the gradient is subtracted.",
        place,
    )


def _rounded(factor: float) -> str:
    """A factor in two digits: `1.2`, `160`."""
    return f"{factor:.1f}" if factor < 10 else f"{float(f'{factor:.2g}'):,.0f}"
