"""Answers as numbers with a shape or as a word: read from what is typed, compared, hinted at."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from engine.autograd.values import Value, shape_text, value_text

TOLERANCE = 1e-3
"""Numbers are written in four digits: so far apart, relative to the larger, they are the same."""
LONGEST = 400
"""Characters of an answer."""
DEEPEST = 8
"""Brackets inside brackets."""
_NUMBER = r"[+-]?(?:nan|inf|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?(?:/\d+\.?\d*)?)"
_TOKEN = re.compile(rf"\s*({_NUMBER}|\[|\]|,)", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_CONSTANTS = {word.lower(): word for word in ("True", "False", "None")}


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a tensor, in row-major order."""

    shape: tuple[int, ...] | None
    """None where the one number stands for every element of whatever shape there is."""
    numbers: tuple[float, ...]
    slack: tuple[float, ...] = ()
    """By how much each may be rounded, as it was typed; nothing where that is not known."""

    @property
    def text(self) -> str:
        """All on one line as nested brackets, as they may be typed."""
        if self.shape is None:
            return f"each {value_text(Value((), '', self.numbers, ()))}"
        return value_text(Value(self.shape, "", self.numbers, self.shape))


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
    """Read a number, a list, rows with semicolons between, or a word; raises ValueError."""
    text = text.strip().replace("−", "-")
    if len(text) > LONGEST:
        raise ValueError("that is too long")
    wrapped = re.fullmatch(r"tensor\((.*)\)", text, re.DOTALL)
    text = wrapped[1].strip() if wrapped else text
    if text.lower().startswith("each "):
        one = _flat(text[5:])
        if len(one.numbers) == 1:
            return Numbers(None, one.numbers, one.slack)
    if "[" in text:
        return _nested(text)
    if ";" in text:
        return _stacked([_flat(row) for row in text.split(";") if row.strip()])
    if _WORD.fullmatch(text) and text.lower() not in ("nan", "inf"):
        return _CONSTANTS.get(text.lower(), text)
    row = _flat(text)
    return Numbers((), row.numbers, row.slack) if len(row.numbers) == 1 else row


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
        return "it is a number" if len(right.numbers) == 1 else "there are several numbers"
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


def _number(token: str) -> tuple[float, float]:
    """A number and how far off it may be: half of its last digit, of two digits or more."""
    if "/" in token:
        above, _, below = token.partition("/")
        if not float(below):
            raise ValueError("nothing is divided by 0")
        return float(above) / float(below), 0.0
    digits, _, power = token.lower().partition("e")
    figures = re.sub(r"\D", "", digits).lstrip("0")
    if len(figures) < 2:
        return float(token), 0.0
    decimals = len(digits.partition(".")[2])
    return float(token), 0.5 * 10.0 ** (int(power or 0) - decimals)


def _flat(text: str) -> Numbers:
    """Numbers in a row, with spaces or commas between."""
    tokens = text.replace(",", " ").split()
    wrong = next((t for t in tokens if not re.fullmatch(_NUMBER, t, re.IGNORECASE)), None)
    if wrong is not None or not tokens:
        raise ValueError(f"{wrong or 'that'} is no number")
    numbers, slack = zip(*map(_number, tokens), strict=True)
    return Numbers((len(tokens),), numbers, slack)


def _stacked(rows: list[Numbers]) -> Numbers:
    """Answers of one shape along a new first dimension."""
    shapes = {row.shape for row in rows}
    if len(shapes) != 1:
        raise ValueError("all rows must be of one length")
    (shape,) = shapes
    numbers = tuple(number for row in rows for number in row.numbers)
    slack = tuple(by for row in rows for by in row.slack)
    return Numbers((len(rows), *(shape or ())), numbers, slack)


def _nested(text: str) -> Numbers:
    """Lists in lists, as Python writes them; commas may be missing."""
    open_: list[list[Numbers]] = [[]]
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"{text[at:].split()[0]} is no number")
        token, at = found[1], found.end()
        if token == "[":
            open_.append([])
            if len(open_) > DEEPEST:
                raise ValueError("too many brackets")
        elif token == "]":
            if len(open_) < 2 or not open_[-1]:
                raise ValueError("the brackets do not fit together")
            done = _stacked(open_.pop())
            open_[-1].append(done)
        elif token != ",":
            number, slack = _number(token)
            open_[-1].append(Numbers((), (number,), (slack,)))
    if len(open_) != 1 or len(open_[0]) != 1:
        raise ValueError("the brackets do not fit together")
    return open_[0][0]
