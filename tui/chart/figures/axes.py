"""Axes whose limits stand still while a run goes on, and their ticks.

Limits are a pure function of the data: snapped outward to a coarse grid of round numbers, so a
growing range changes them rarely and in steps. A logarithmic axis works on log10 of the values,
hence nothing downstream knows a scale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui.chart.figures.numbers import count_text, count_texts, power_texts, tick_texts

Floats = NDArray[np.float64]
Pixels = NDArray[np.int32]
Numbers = Sequence[float] | NDArray[Any]

HUGE = 1e300
"""Values are clipped to ±HUGE, so that a difference of two is finite."""
TINY = 1e-300
"""The least value a logarithm is taken of; also the least range that is not a constant."""
CONSTANT = 1e-6
"""A range below this part of its values is a constant: its labels could not tell it apart."""
LADDER = (0.0, math.log10(2), math.log10(5), 1.0)
"""log10 of the round numbers in a decade."""
FINER = 0.39
"""Of a step, whose next finer one is 0.4 or 0.5 of it."""
CLOSE = 1e-3
"""A range of log10 below this has no labels between 1, 2 and 5 that could be told apart."""
NOWHERE = -2
"""The pixel of a value that cannot be drawn on the axis."""
FAR = 1e6
"""Fractions are clipped to ±FAR: far outside is far enough."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Limits on the scale, `low < high`; log10 of the values where it is logarithmic."""

    low: float
    high: float
    log: bool = False
    counts: bool = False
    """Whether it counts something: ticks at whole numbers only."""

    def fraction(self, value: float) -> float | None:
        """Return which fraction of the axis a value is at: 0 … 1 on it; None if nowhere."""
        if not (0.0 if self.log else -math.inf) < value < math.inf:
            return None
        fraction = ((_log(value) if self.log else value) - self.low) / (self.high - self.low)
        return fraction if -FAR < fraction < FAR else math.copysign(FAR, fraction)

    def known(self, values: Floats) -> NDArray[np.bool_]:
        """Return which of many values can be drawn on the axis, as a boolean array."""
        finite = np.isfinite(values)
        return finite & (values > 0) if self.log else finite

    def fractions(self, values: Floats) -> Floats:
        """Return the `fraction` of each of many values; nan where one cannot be drawn."""
        known = self.known(values)
        numbers = np.where(known, values, 1.0)
        if self.log:
            numbers = np.log10(numbers.clip(TINY, HUGE))
        with np.errstate(over="ignore"):
            fractions = (numbers - self.low) / (self.high - self.low)
        return np.where(known, fractions.clip(-FAR, FAR), np.nan)

    def pixels(self, values: Floats, count: int) -> Pixels:
        """Return the pixel, of `count`, of each value: -1 or `count` outside, else NOWHERE."""
        known = self.known(values)
        whole = bool(known.all())
        numbers = values if whole else np.where(known, values, 1.0)
        if self.log:
            numbers = np.log10(numbers.clip(TINY, HUGE))
        with np.errstate(over="ignore"):
            placed = numbers - self.low
            placed *= count / (self.high - self.low)
        np.floor(placed, out=placed)
        found = placed.clip(-1, count, out=placed).astype(np.int32)
        return found if whole else np.where(known, found, np.int32(NOWHERE))

    def edges(self, columns: int) -> list[float]:
        """Return the values that part the axis into so many columns, both ends included."""
        return [self.value(i / columns) for i in range(columns + 1)]

    def value(self, fraction: float) -> float:
        """Return the value at a fraction of the axis."""
        scaled = self.low + fraction * (self.high - self.low)
        return float(10**scaled) if self.log else scaled

    def seen(self, left: float, right: float) -> Axis:
        """Return the part between two fractions; the whole axis where that would be a constant."""
        span = self.high - self.low
        low, high = self.low + left * span, self.low + right * span
        if high - low <= max(1e-9 * max(abs(low), abs(high)), TINY):
            return self
        return replace(self, low=low, high=high)

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """Return fraction and label of at most `most` + 1 ticks."""
        values, texts = self._log_ticks(most) if self.log else self._linear_ticks(most)
        placed = [(self.fraction(value), text) for value, text in zip(values, texts, strict=True)]
        return [(fraction, text) for fraction, text in placed if fraction is not None]

    def _linear_ticks(self, most: int) -> tuple[list[float], list[str]]:
        step, every = nice((self.high - self.low) / max(most, 1)), 1
        if len(_multiples(self.low, self.high, step)) < 2:  # one alone says nothing of the scale
            step = nice(FINER * step)
            found = len(_multiples(self.low, self.high, step))
            every = max(1, math.ceil(found / (most + 1)))
        if self.counts:
            step = max(step, 1.0)
        values = _multiples(self.low, self.high, every * step)
        texts = count_texts(values) if self.counts else tick_texts(values, step)
        return values, texts

    def _log_ticks(self, most: int) -> tuple[list[float], list[str]]:
        every = max(1, math.ceil((self.high - self.low) / max(most, 1)))
        powers = _multiples(self.low, self.high, every)
        if len(powers) < 2:
            return self._ladder_ticks(most)
        values = [float(10**power) for power in powers]
        return values, [*map(count_text, values)] if self.counts else power_texts(values)

    def _ladder_ticks(self, most: int) -> tuple[list[float], list[str]]:
        near = min(1e-9, 1e-7 * (self.high - self.low))
        rungs = [
            decade + rung
            for decade in range(math.floor(self.low), math.ceil(self.high) + 1)
            for rung in LADDER[:-1]
            if self.low - near <= decade + rung <= self.high + near
        ]
        if len(rungs) < 2 and self.high - self.low > CLOSE:
            return replace(self, low=10**self.low, high=10**self.high)._linear_ticks(most)
        if not rungs:  # zoomed in to between two of them
            middle = self.value(0.5)
            return [middle], [count_text(middle) if self.counts else f"{middle:.4g}"]
        rungs = rungs[:: math.ceil(len(rungs) / (most + 1))]
        values = [float(10**rung) for rung in rungs]
        return values, [count_text(v) if self.counts else f"{v:.5g}" for v in values]


def sticky(*columns: Numbers, log: bool = False, steps: int = 4) -> Axis:
    """Return an axis around everything that can be drawn, its limits snapped to round numbers.

    The grid they snap to has about `steps` lines in the range of the values: the fewer, the
    more rarely the limits move.
    """
    ends = [end for column in columns for end in extent(column, log=log)]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    if log:
        return _sticky_log(low, high) if ends else Axis(0.0, 1.0, log=True)
    if high - low <= max(CONSTANT * max(abs(low), abs(high)), TINY):
        reach = 0.1 * abs(low) if abs(low) > TINY else 1.0
        low, high = low - reach, high + reach
    step = nice((high - low) / steps)
    return Axis(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step)


def iterations(done: int, target: int, *, log: bool = False) -> Axis:
    """Return an axis from the start to the next round number of iterations, at most the target."""
    high = 10.0
    while high < done:
        high = nice(high * 1.01)
    high = max(min(high, float(target)), float(done), 2.0)
    return Axis(0.0, math.log10(high), True, True) if log else Axis(0.0, high, counts=True)


def nice(number: float) -> float:
    """Return the least of … 1, 2, 5, 10, 20 … that is not below a positive number."""
    power = math.floor(math.log10(number))
    for exponent in (power, power + 1):
        for digit in (1, 2, 5):
            rung = float(f"{digit}e{exponent}")
            if rung >= number * (1 - 1e-9):
                return rung
    raise AssertionError(number)


def as_array(column: Numbers) -> Floats:
    """Return numbers as an array; one of any kind as it is, without a copy."""
    return column if isinstance(column, np.ndarray) else np.asarray(column, np.float64)


def extent(column: Numbers, *, log: bool = False) -> list[float]:
    """Return the least and the largest number that can be drawn, within ±HUGE, if there is any."""
    numbers = as_array(column)
    if not numbers.size:
        return []
    low, high = numbers.min().item(), numbers.max().item()
    if not (0.0 if log else -math.inf) < low <= high < math.inf:
        numbers = numbers[Axis(0.0, 1.0, log).known(numbers)]
        if not numbers.size:
            return []
        low, high = numbers.min().item(), numbers.max().item()
    return [min(max(end, -HUGE), HUGE) for end in (low, high)]


def _sticky_log(least: float, most: float) -> Axis:
    low, high = _log(least), _log(most)
    if CLOSE < high - low < LADDER[1]:  # one of 1, 2, 5 … at either side would be far away
        axis = sticky((10**low, 10**high), steps=1)
        return Axis(_log(axis.low), _log(axis.high), log=True)
    if high - low >= 1:
        return Axis(math.floor(low + 1e-9), math.ceil(high - 1e-9), log=True)
    low = math.floor(low) + max(r for r in LADDER if r <= low - math.floor(low) + 1e-9)
    high = math.floor(high) + min(r for r in LADDER if r >= high - math.floor(high) - 1e-9)
    if high - low < 0.1:
        low, high = max(low - LADDER[1], _log(TINY)), min(high + LADDER[1], _log(HUGE))
    return Axis(low, high, log=True)


def _log(value: float) -> float:
    return math.log10(value if TINY < value < HUGE else min(max(value, TINY), HUGE))


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]
