"""Answers as numbers with a shape or as a word: read from what is typed, compared, hinted at."""

from __future__ import annotations

import math
import re

from engine.autograd.values import Value, shape_text
from tui.graph.typed_numbers import Numbers, read_numbers

TOLERANCE = 1e-3
"""Numbers are written in four digits: so far apart, relative to the larger, they are the same."""
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_CONSTANTS = {word.lower(): word for word in ("True", "False", "None")}


Answer = Numbers | str


def text_of(answer: Answer) -> str:
    """An answer as it is written on the screen."""
    return answer if isinstance(answer, str) else answer.text


def numbers_of(value: Value | None, most: int) -> Numbers | None:
    """The numbers of a tensor; None where there are more than `most`, or not all, or complex."""
    if value is None or not value.whole or not 0 < len(value.numbers) <= most:
        return None
    real = tuple(float(n) for n in value.numbers if not isinstance(n, complex))
    return Numbers(value.shape, real) if len(real) == len(value.numbers) else None


def parse(text: str) -> Answer:
    """Read numbers as they are typed, or a word; raises ValueError."""
    text = text.strip()
    wrapped = re.fullmatch(r"tensor\((.*)\)", text, re.DOTALL)
    if wrapped:
        return read_numbers(wrapped[1])
    if _WORD.fullmatch(text) and text.lower() not in ("nan", "inf"):
        return _CONSTANTS.get(text.lower(), text)
    return read_numbers(text)


def same(one: Answer, other: Answer) -> bool:
    """Whether two answers are equal, but for the rounding of numbers that are written."""
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and one.lower() == other.lower()
    return _fits(one, other) and all(_near(a, b, _scale(one, other)) for a, b in _pairs(one, other))


def distance(one: Answer, other: Answer) -> float:
    """How far apart two answers are that are the same but for rounding."""
    if isinstance(one, str) or isinstance(other, str):
        return 0.0
    return max((abs(a - b) for a, b in _pairs(one, other) if math.isfinite(a - b)), default=0.0)


def rounded(typed: Answer, exact: Answer) -> bool:
    """Whether what was typed is what is exact, in as many digits as were typed."""
    if isinstance(typed, str) or isinstance(exact, str) or not _fits(typed, exact):
        return False
    slack = typed.slack if typed.shape is not None else typed.slack * len(exact.numbers)
    return len(slack) == len(exact.numbers) and all(
        abs(a - b) <= by or _near(a, b, _scale(typed, exact))
        for (a, b), by in zip(_pairs(typed, exact), slack, strict=True)
    )


def hint(typed: Answer, right: Answer) -> str:
    """What is wrong with an answer that nobody has foreseen, without saying what is right."""
    if isinstance(typed, str) or isinstance(right, str):
        if isinstance(right, str):
            return "it is not a number" if isinstance(typed, Numbers) else "it is another word"
        return "it is a number" if len(right.numbers) == 1 else "it is several numbers"
    if not _fits(typed, right):
        return _shape_hint(typed, right)
    pairs = _pairs(typed, right)
    scale = _scale(typed, right)
    factor = next((a / b for a, b in pairs if b), 0.0)
    if factor and all(_near(a, factor * b, scale) for a, b in pairs):
        return _factor_hint(factor)
    if all(_near(a, b, scale) for a, b in zip(*map(sorted, zip(*pairs, strict=True)), strict=True)):
        return "these are the right numbers, in other places"
    hits = sum(_near(a, b, scale) for a, b in pairs)
    return f"{hits} of {len(pairs)} numbers are right" if hits else "think of the rule once more"


def _shape_hint(typed: Numbers, right: Numbers) -> str:
    wanted = shape_text(right.shape or ())
    if wanted == "scalar":
        return "it is one number"
    if len(typed.numbers) == 1 and same(Numbers(None, typed.numbers), right):
        return f"the right number, but the shape is {wanted}: type “each {typed.text}”"
    flat = Numbers((len(typed.numbers),), typed.numbers)
    if same(flat, Numbers((len(right.numbers),), right.numbers)):
        return f"the right numbers, but the shape is {wanted}"
    return f"the shape is {wanted}"


def _factor_hint(factor: float) -> str:
    if math.isclose(factor, -1, rel_tol=TOLERANCE):
        return "right up to the sign"
    size, sign = abs(factor), " and the sign" if factor < 0 else ""
    words = f"{size:.3g} times too large" if size > 1 else f"{1 / size:.3g} times too small"
    return f"right up to a factor{sign}: {words}"


def _fits(one: Numbers, other: Numbers) -> bool:
    """Whether the shapes agree; one number is one number, however many brackets are around it."""
    single = len(one.numbers) == len(other.numbers) == 1
    return single or one.shape is None or other.shape is None or one.shape == other.shape


def _pairs(one: Numbers, other: Numbers) -> list[tuple[float, float]]:
    size = max(len(one.numbers), len(other.numbers))
    spread = (n.numbers * size if len(n.numbers) < size else n.numbers for n in (one, other))
    return list(zip(*spread, strict=True))


def _scale(one: Numbers, other: Numbers) -> float:
    return max((abs(n) for n in (*one.numbers, *other.numbers) if math.isfinite(n)), default=0.0)


def _near(a: float, b: float, scale: float) -> bool:
    if math.isnan(a) or math.isnan(b) or math.isinf(a) or math.isinf(b):
        return a == b or (math.isnan(a) and math.isnan(b))
    return abs(a - b) <= max(TOLERANCE * max(abs(a), abs(b)), 1e-7 * scale)
