"""Numbers of a tensor as they are typed: one, a row, rows, or brackets as Python writes them.

Nothing that is typed is executed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.autograd.values import Value, value_text

LONGEST = 400
"""Characters of what is typed."""
DEEPEST = 8
"""Brackets inside brackets."""
_NUMBER = r"[+-]?(?:nan|inf|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?(?:/\d+\.?\d*)?)"
_TOKEN = re.compile(rf"\s*({_NUMBER}|[\[\](),])", re.IGNORECASE)


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


def read_numbers(text: str) -> Numbers:
    """Read `3`, `3 4.5`, `3 4.5; 6 7.5`, `[[3, 4.5], [6, 7.5]]` or `each 3`; raises ValueError."""
    text = text.strip().replace("−", "-")
    if len(text) > LONGEST:
        raise ValueError("that is too long")
    if text.lower().startswith("each "):
        one = row_of(text[5:])
        if len(one.numbers) == 1:
            return Numbers(None, one.numbers, one.slack)
    if "[" in text or "(" in text:
        return nested(text)
    if ";" in text:
        return stacked([row_of(row) for row in text.split(";") if row.strip()])
    row = row_of(text)
    return Numbers((), row.numbers, row.slack) if len(row.numbers) == 1 else row


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


def row_of(text: str) -> Numbers:
    """Numbers in a row, with spaces or commas between."""
    tokens = text.replace(",", " ").split()
    wrong = next((t for t in tokens if not re.fullmatch(_NUMBER, t, re.IGNORECASE)), None)
    if wrong is not None or not tokens:
        raise ValueError(f"{wrong or 'that'} is no number")
    numbers, slack = zip(*map(_number, tokens), strict=True)
    return Numbers((len(tokens),), numbers, slack)


def stacked(rows: list[Numbers]) -> Numbers:
    """Answers of one shape along a new first dimension."""
    shapes = {row.shape for row in rows}
    if len(shapes) != 1:
        raise ValueError("all rows must be of one length")
    (shape,) = shapes
    numbers = tuple(number for row in rows for number in row.numbers)
    slack = tuple(by for row in rows for by in row.slack)
    return Numbers((len(rows), *(shape or ())), numbers, slack)


def nested(text: str) -> Numbers:
    """Lists in lists, as Python writes them; commas may be missing."""
    open_: list[list[Numbers]] = [[]]
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"{text[at:].split()[0]} is no number")
        token, at = found[1], found.end()
        if token in "[(":
            open_.append([])
            if len(open_) > DEEPEST:
                raise ValueError("too many brackets")
        elif token in "])":
            if len(open_) < 2 or not open_[-1]:
                raise ValueError("the brackets do not fit together")
            done = stacked(open_.pop())
            open_[-1].append(done)
        elif token != ",":
            number, slack = _number(token)
            open_[-1].append(Numbers((), (number,), (slack,)))
    if len(open_) != 1 or len(open_[0]) != 1:
        raise ValueError("the brackets do not fit together")
    return open_[0][0]
