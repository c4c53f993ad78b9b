"""What is typed as another gradient or as an element of a leaf, checked against its shape."""

from __future__ import annotations

import math
import re

from engine.autograd.values import shape_text
from engine.script.interventions import Kind
from tui.graph.typed_numbers import read_numbers

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
FACTOR = re.compile(rf"\s*[×x*]\s*({NUMBER})\s*")
AIM = re.compile(rf"\s*(?:\[(?P<element>[\d,\s]*)\])?\s*(?P<step>{NUMBER})?\s*")
HINT = "*2 scales, 0 zeroes, [[1, 0], [0, 1]] replaces"


def gradient_change(text: str, shape: tuple[int, ...]) -> tuple[Kind, tuple[float, ...]]:
    """Return what is to be done to a gradient of a shape; raises ValueError with one line."""
    factor = FACTOR.fullmatch(text)
    if factor is not None:
        return "scale", (_finite(factor[1]),)
    if not text.strip():
        raise ValueError(HINT)
    given = read_numbers(text)
    if not all(map(math.isfinite, given.numbers)):
        raise ValueError("a gradient of finite numbers, please")
    if set(given.numbers) == {0.0} and given.shape == ():
        return "zero", ()
    if given.shape is None:
        return "replace", given.numbers * math.prod(shape)
    if given.shape == () and shape:
        raise ValueError(f"*{text.strip()} scales; all {shape_text(shape)} numbers replace")
    if given.shape != shape:
        raise ValueError(f"this is {shape_text(given.shape)}, the gradient is {shape_text(shape)}")
    return "replace", given.numbers


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
