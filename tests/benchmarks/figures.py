"""What a benchmark finds: samples, what they are held against, and what is to be reached."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import Literal

Unit = Literal["s", "B", "/s", "%", "×", "B/s", ""]
"""Seconds, bytes, a second, per cent of one core, times as much, bytes a second, a count."""


@dataclass(frozen=True, slots=True)
class Samples:
    """One measurement, repeated; known by its median unless a percentile is asked for."""

    values: tuple[float, ...]
    percent: float = 50
    stopped: bool = False
    """Whether it was stopped at its time limit: the truth is larger."""

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a measurement needs at least one sample")

    @property
    def value(self) -> float:
        """The percentile: the median exactly, others as the nearest sample from above."""
        if self.percent == 50:
            return median(self.values)
        place = math.ceil(self.percent / 100 * len(self.values)) - 1
        return sorted(self.values)[max(place, 0)]

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the largest."""
        return min(self.values), max(self.values)


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on our own value, or on the ratio of ours to the peer's."""

    relation: Literal["≤", "≥"]
    bound: float
    ratio: bool = False

    def met(self, value: float) -> bool:
        """Whether a value is within the bound; nan never is."""
        return value <= self.bound if self.relation == "≤" else value >= self.bound


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table."""

    name: str
    """Dotted, family first: `start.frame`."""
    what: str
    unit: Unit = ""
    ours: Samples | None = None
    """None where it could not be measured; `note` says why."""
    peer_name: str = ""
    peer: Samples | None = None
    target: Target | None = None
    how: str = ""
    """What exactly was done, for a reader who doubts it."""
    note: str = ""
    """Why something is missing."""

    @property
    def ratio(self) -> float | None:
        """Ours to the peer's: of the pairs measured side by side, else of the two values."""
        if self.ours is None or self.peer is None:
            return None
        pairs = list(zip(self.ours.values, self.peer.values, strict=False))
        paired = len(self.ours.values) == len(self.peer.values) and not self.peer.stopped
        if not paired or self.ours.percent != 50:
            pairs = [(self.ours.value, self.peer.value)]
        return median(a / b if b else math.inf for a, b in pairs)

    @property
    def reached(self) -> bool | None:
        """Whether the target is met; None where there is none or nothing was measured."""
        if self.target is None or self.ours is None:
            return None
        value = self.ratio if self.target.ratio else self.ours.value
        return None if value is None else self.target.met(value)


def at_most(bound: float) -> Target:
    """Our value may be no larger."""
    return Target("≤", bound)


def at_least(bound: float) -> Target:
    """Our value may be no smaller."""
    return Target("≥", bound)


def ratio_at_most(bound: float) -> Target:
    """So many times the peer's and no more."""
    return Target("≤", bound, ratio=True)


def ratio_at_least(bound: float) -> Target:
    """So many times the peer's or more."""
    return Target("≥", bound, ratio=True)
