"""What of a script's run is to be recorded deeply, and when it is to be stopped."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

FIRST_PASSES = 3
"""So many passes from the beginning are recorded line by line."""
THINNING = 10
"""Each of the series after them comes so many times as late as the one before."""

DIGITS = 15
"""No script has passes with numbers of more."""

Kind = Literal["nonfinite", "loss", "grad", "pass"]


@dataclass(frozen=True, slots=True)
class Condition:
    """What asks for a deep record: `nonfinite`, `loss>10`, `grad>1e3`, `pass=4711`."""

    kind: Kind
    bound: float = 0.0

    def __str__(self) -> str:
        if self.kind == "nonfinite":
            return self.kind
        sign = "=" if self.kind == "pass" else ">"
        return f"{self.kind}{sign}{self.bound:.15g}"

    def met_by_loss(self, loss: float) -> bool:
        """Whether a loss, known before backward runs, asks for a deep record."""
        if self.kind == "nonfinite":
            return not math.isfinite(loss)
        return self.kind == "loss" and not loss <= self.bound

    def met_by_gradient(self, norm: float) -> bool:
        """Whether the norm of all gradients of a pass asks for a deep record of what follows."""
        if self.kind == "nonfinite":
            return not math.isfinite(norm)
        return self.kind == "grad" and not norm <= self.bound


@dataclass(frozen=True, slots=True)
class Plan:
    """Which passes are recorded line by line: the first ones, a series, and those asked for."""

    every: int | None = None
    """Every so many passes; None: passes 10, 100, 1,000 and so on."""
    when: tuple[Condition, ...] = ()
    follow: tuple[str, ...] = ()
    """Folders whose files are the user's own, besides the script's and the working directory."""
    limit: int | None = None
    """Stop the script after so many recorded lines."""
    seconds: float | None = None
    """Stop the script after so many seconds."""

    def wants(self, number: int) -> bool:
        """Whether the pass of a number, from 0, is recorded line by line."""
        if self.when and self._asked_for(number):
            return True
        return number < FIRST_PASSES or number == self.next_after(number - 1)

    def next_after(self, number: int) -> int:
        """Return the first number above one that is wanted whatever the conditions."""
        later = number + 1
        if later < FIRST_PASSES:
            return later
        if self.every is not None:
            return -(-later // self.every) * self.every
        found = THINNING
        while found < later:
            found *= THINNING
        return found

    def _asked_for(self, number: int) -> bool:
        return any(one.kind == "pass" and one.bound == number for one in self.when)


EVERYTHING = Plan(every=1)
"""Every pass, line by line."""

_BOUNDED = re.compile(r"\s*(loss|grad)\s*>\s*(\S+)\s*|\s*(pass)\s*=\s*(\d+)\s*")


def plan_of(plain: Mapping[str, Any]) -> Plan:
    """The plan of which `dataclasses.asdict` made this; raises TypeError or KeyError."""
    when = tuple(Condition(**one) for one in plain["when"])
    return Plan(**{**plain, "when": when, "follow": tuple(plain["follow"])})


def condition(text: str) -> Condition:
    """Read `nonfinite`, `loss>X`, `grad>X` or `pass=N`; raises ValueError with the reason."""
    if text.strip() == "nonfinite":
        return Condition("nonfinite")
    match = _BOUNDED.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no condition: nonfinite, loss>X, grad>X or pass=N")
    kind: Kind = "pass" if match[3] else "loss" if match[1] == "loss" else "grad"
    if match[4] and len(match[4].lstrip("0")) > DIGITS:
        raise ValueError(f"{text!r}: a pass has at most {DIGITS} digits")
    try:
        bound = float(match[4] or match[2])
    except ValueError:
        raise ValueError(f"{text!r}: {match[2]!r} is not a number") from None
    if math.isnan(bound):
        raise ValueError(f"{text!r}: nan is no bound")
    return Condition(kind, bound)
