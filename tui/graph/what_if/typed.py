"""What is typed as another gradient or as an element of a leaf, checked against its shape."""

from __future__ import annotations

import math
import re

from engine.autograd.values import shape_text
from engine.script.interventions import Kind

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
FACTOR = re.compile(rf"\s*[×x*]\s*({NUMBER})\s*")
TOKEN = re.compile(rf"\s*(?:(?P<number>{NUMBER})|(?P<mark>[\[\](),]))")
AIM = re.compile(rf"\s*(?:\[(?P<element>[\d,\s]*)\])?\s*(?P<step>{NUMBER})?\s*")
HINT = "*2 scales, 0 zeroes, [[1, 0], [0, 1]] replaces"
DEEPEST = 16
"""So many brackets may stand in each other."""

Nested = float | list["Nested"]


def gradient_change(text: str, shape: tuple[int, ...]) -> tuple[Kind, tuple[float, ...]]:
    """Return what is to be done to a gradient of a shape; raises ValueError with one line."""
    factor = FACTOR.fullmatch(text)
    if factor is not None:
        return "scale", (_finite(factor[1]),)
    if not text.strip():
        raise ValueError(HINT)
    nested = _nested(text)
    if nested == 0.0:
        return "zero", ()
    if isinstance(nested, float) and shape:
        raise ValueError(f"*{text.strip()} scales; all {shape_text(shape)} numbers replace")
    given = _shape(nested)
    if given != shape:
        raise ValueError(f"this is {shape_text(given)}, the gradient is {shape_text(shape)}")
    return "replace", tuple(_flat(nested))


def aim(
    text: str, shape: tuple[int, ...], element: tuple[int, ...], step: float
) -> tuple[tuple[int, ...], float]:
    """Return the element of a leaf and the ε that are typed; raises ValueError with one line.

    What is left out stays as it was.
    """
    found = AIM.fullmatch(text)
    if found is None or not text.strip():
        raise ValueError("an element, as [0, 1], or ε, as 0.01, or both")
    if found["element"] is not None:
        element = tuple(int(one[:9]) for one in re.findall(r"\d+", found["element"]))
        if len(element) != len(shape):
            raise ValueError(f"{len(shape)} indices: the leaf is {shape_text(shape)}")
        if not all(one < size for one, size in zip(element, shape, strict=True)):
            raise ValueError(f"no such element: the leaf is {shape_text(shape)}, counted from 0")
    if found["step"] is not None:
        step = abs(_finite(found["step"]))
        if not step:
            raise ValueError("ε must not be 0")
    return element, step


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def _nested(text: str) -> Nested:
    """The numbers with the brackets around them; nothing in them is executed."""
    open_: list[list[Nested]] = [[]]
    at = 0
    while at < len(text.rstrip()):
        token = TOKEN.match(text, at)
        if token is None:
            raise ValueError(f"{text[at : at + 12].strip()!r} is no number. {HINT}")
        at = token.end()
        if token["number"]:
            open_[-1].append(_finite(token["number"]))
        elif token["mark"] in "[(":
            if len(open_) > DEEPEST:
                raise ValueError("too many brackets")
            inner: list[Nested] = []
            open_[-1].append(inner)
            open_.append(inner)
        elif token["mark"] in "])":
            if len(open_) < 2:
                raise ValueError("a bracket is closed that was not opened")
            open_.pop()
    if len(open_) > 1:
        raise ValueError("a bracket is not closed")
    if len(open_[0]) != 1:
        raise ValueError(HINT)
    return open_[0][0]


def _shape(nested: Nested) -> tuple[int, ...]:
    if isinstance(nested, float):
        return ()
    shapes = {_shape(one) for one in nested}
    if len(shapes) > 1:
        raise ValueError("the rows are not equally long")
    return (len(nested), *(shapes.pop() if shapes else ()))


def _flat(nested: Nested) -> list[float]:
    if isinstance(nested, float):
        return [nested]
    return [number for one in nested for number in _flat(one)]
