"""Averages of the same tensor on several ranks, and how far one is from another. Torch-free."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.autograd.values import Number, Value

TINY = 1e-300
"""Norms below this are zero."""


def weighted_sum(values: Sequence[Value], weights: Sequence[float]) -> Value | None:
    """Return Σ wᵢ·vᵢ of tensors of one shape, of their corner where they are not whole.

    None where the shapes differ, there are no numbers, or none was kept.
    """
    if not values or not all(_comparable(one, values[0]) for one in values):
        return None
    first = values[0]
    columns = zip(*(map(_number, one.numbers) for one in values), strict=True)
    numbers = tuple(_sum(column, weights) for column in columns)
    return Value(first.shape, first.dtype, numbers, first.corner)


def weighted_mean(values: Sequence[Value], samples: Sequence[int]) -> Value | None:
    """Return Σ nᵢ·vᵢ / Σ nᵢ: the gradient of the mean over all samples of all ranks."""
    total = sum(samples)
    if total <= 0:
        return None
    return weighted_sum(values, [count / total for count in samples])


def distance(value: Value, reference: Value) -> float | None:
    """Return |value − reference| / |reference| over the numbers that both have kept.

    None where they have not the same numbers; nan where any is not finite.
    """
    if not _comparable(value, reference):
        return None
    pairs = zip(map(_number, value.numbers), map(_number, reference.numbers), strict=True)
    apart = _length([one - other for one, other in pairs])
    size = _length([_number(one) for one in reference.numbers])
    return 0.0 if apart < TINY else apart / size if size > TINY else math.inf


def ratio(value: Value, reference: Value) -> float | None:
    """Return the number by which `reference` is to be multiplied to come nearest to `value`.

    None where that is not defined, as where they have not the same numbers.
    """
    if not _comparable(value, reference):
        return None
    numbers = [complex(_number(one)) for one in reference.numbers]
    square = math.fsum(_times(one, one) for one in numbers)
    if not TINY < square < math.inf:
        return None
    pairs = zip(value.numbers, numbers, strict=True)
    return sum(_times(complex(_number(one)), other) for one, other in pairs) / square


def norm(value: Value) -> float:
    """Return the Euclidean norm of a tensor: of all its elements, where there is a summary."""
    if value.summary is not None:
        return value.summary.norm
    return _length([_number(number) for number in value.numbers])


def _comparable(one: Value, other: Value) -> bool:
    same = (one.shape, one.corner, len(one.numbers)) == (
        other.shape,
        other.corner,
        len(other.numbers),
    )
    return same and bool(one.numbers)


def _number(number: Number) -> float | complex:
    """The number as a float, or complex; one that is too large for that is infinite."""
    if isinstance(number, complex):
        return number
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _length(numbers: Sequence[float | complex]) -> float:
    parts = (part for one in numbers for part in (complex(one).real, complex(one).imag))
    return math.hypot(*parts)


def _times(one: complex, other: complex) -> float:
    """The real part of a number times the conjugate of another, infinite where it is too large."""
    return one.real * other.real + one.imag * other.imag


def _sum(numbers: Sequence[float | complex], weights: Sequence[float]) -> float | complex:
    terms = [number * weight for number, weight in zip(numbers, weights, strict=True)]
    real = [one for one in terms if not isinstance(one, complex)]
    if len(real) < len(terms):
        return sum(terms)
    try:
        return math.fsum(real)
    except (OverflowError, ValueError):  # of infinities of both signs there is no exact sum
        return sum(real)
