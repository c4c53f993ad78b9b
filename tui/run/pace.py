"""How fast play is, in iterations a second: the keys `<` and `>` go along a ladder of paces."""

from __future__ import annotations

import math

PACES: tuple[float | None, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, None)
"""Iterations a second; None is as fast as possible."""


def other_pace(pace: float | None, by: int) -> float | None:
    """Return the next faster of `PACES` (`by` above 0) or slower one; itself at either end."""

    def speed(pace: float | None) -> float:
        return math.inf if pace is None else pace

    if by > 0:
        return next((other for other in PACES if speed(other) > speed(pace)), pace)
    return next((other for other in reversed(PACES) if speed(other) < speed(pace)), pace)
