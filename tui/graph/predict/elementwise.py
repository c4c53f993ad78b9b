"""Arithmetic on the few numbers of a question, as torch broadcasts them, without torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product, zip_longest

from tui.graph.typed_numbers import Numbers

Shape = tuple[int, ...]


def scaled(factor: float, numbers: Numbers) -> Numbers:
    """Every number times a factor; a zero has no sign."""
    return Numbers(numbers.shape, tuple(factor * n + 0.0 for n in numbers.numbers))


def times(one: Numbers | None, other: Numbers | None) -> Numbers | None:
    """The product, element by element; None where shapes do not broadcast or one is missing."""
    return combined(one, other, lambda a, b: a * b)


def over(one: Numbers | None, other: Numbers | None) -> Numbers | None:
    """The quotient, element by element; None also where something is divided by 0."""
    if other is None or 0 in other.numbers:
        return None
    return combined(one, other, lambda a, b: a / b)


def combined(
    one: Numbers | None, other: Numbers | None, function: Callable[[float, float], float]
) -> Numbers | None:
    """A function of two tensors, element by element; None where it cannot be."""
    if one is None or other is None or one.shape is None or other.shape is None:
        return None
    shape = _together(one.shape, other.shape)
    if shape is None:
        return None
    try:
        numbers = [
            function(_at(one, place), _at(other, place)) for place in product(*map(range, shape))
        ]
    except (OverflowError, ZeroDivisionError, ValueError):
        return None
    return Numbers(shape, tuple(numbers)) if all(map(math.isfinite, numbers)) else None


def spread(numbers: Numbers, shape: Shape | None) -> Numbers | None:
    """The numbers broadcast to a shape; None where it does not go."""
    if shape is None:
        return None
    wide = combined(numbers, Numbers(shape, (0.0,) * math.prod(shape)), lambda a, _: a)
    return wide if wide is not None and wide.shape == shape else None


def _together(one: Shape, other: Shape) -> Shape | None:
    sizes = []
    for a, b in zip_longest(reversed(one), reversed(other), fillvalue=1):
        if a != b and 1 not in (a, b):
            return None
        sizes.append(b if a == 1 else a)
    return tuple(reversed(sizes))


def _at(numbers: Numbers, place: Shape) -> float:
    shape = numbers.shape or ()
    index = 0
    for size, position in zip(shape, place[len(place) - len(shape) :], strict=True):
        index = index * size + (0 if size == 1 else position)
    return numbers.numbers[index]
