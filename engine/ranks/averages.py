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
    first = values[0] if values else None
    if first is None or not first.numbers:
        return None
    if any((one.shape, one.corner) != (first.shape, first.corner) for one in values):
        return None
    columns = zip(*(one.numbers for one in values), strict=True)
    numbers = tuple(_sum(column, weights) for column in columns)
    return Value(first.shape, first.dtype, numbers, first.corner)


def mean(values: Sequence[Value]) -> Value | None:
    """Return the plain mean of tensors of one shape; None where there is none."""
    return weighted_sum(values, [1 / len(values)] * len(values)) if values else None


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
    if value.corner != reference.corner or not value.numbers:
        return None
    pairs = zip(value.numbers, reference.numbers, strict=True)
    apart = math.hypot(*(abs(one - other) for one, other in pairs))
    size = math.hypot(*(abs(one) for one in reference.numbers))
    return 0.0 if apart < TINY else apart / size if size > TINY else math.inf


def norm(value: Value) -> float:
    """Return the Euclidean norm of a tensor: of all its elements, where there is a summary."""
    if value.summary is not None:
        return value.summary.norm
    return math.hypot(*(abs(number) for number in value.numbers))


def _sum(numbers: Sequence[Number], weights: Sequence[float]) -> Number:
    terms = [number * weight for number, weight in zip(numbers, weights, strict=True)]
    real = [one for one in terms if not isinstance(one, complex)]
    if len(real) < len(terms):
        return sum(terms)
    try:
        return math.fsum(real)
    except (OverflowError, ValueError):  # of infinities of both signs there is no exact sum
        return sum(real)
