"""Values as lines of text: scalars and vectors on one line, matrices as aligned rows."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from engine.autograd.values import Value, number_text, shape_text, value_text
from tui.kit.text import fit

ALL_DIGITS = 17
"""With so many significant digits different numbers are written differently."""
WIDENED = 1.5
"""A range is written at most so many times as wide as it is."""
ROWS = 6
"""At most so many rows of a matrix are written."""


def value_lines(value: Value | None, width: int) -> list[str]:
    """A value in lines of at most `width` cells; shape and summary where numbers do not fit."""
    if value is None:
        return ["none"]
    return whole_lines(value, width, 4) or _described(value, width)


def whole_lines(value: Value, width: int, digits: int, *, brackets: str = "[]") -> list[str] | None:
    """All numbers of a value, in lines of at most `width` cells; None where they do not fit.

    Rows of a matrix stand between `brackets`, which may be empty.
    """
    if not value.whole:
        return None
    if len(value.shape) == 2 and value.numbers and value.shape[0] <= ROWS:
        rows = _matrix(value, digits, brackets)
        if len(rows[0]) <= width:
            return rows
    if _too_many(value, width):
        return None
    lines = [value_text(value, digits)]
    if len(value.shape) == 1:  # as the row of a matrix
        texts = (number_text(number, digits) for number in value.numbers)
        lines.append(brackets[:1] + " ".join(texts) + brackets[1:])
    return next(([line] for line in lines if len(line) <= width), None)


def summary_line(value: Value) -> str:
    """The shape and what its numbers are like: `50×1  0.02 … 0.99`."""
    found = _range(value)
    if found is None:
        return shape_text(value.shape)
    return f"{shape_text(value.shape)}  {_between(*found, 3)}"


def short(value: Value | None, width: int, digits: int = 4) -> str:
    """One line: all numbers where they fit, else the shape and the range, else the shape."""
    if value is None:
        return "none"
    if not _too_many(value, width) and value.whole:
        for figures in (digits, 3):
            line = value_text(value, figures)
            if line and len(line) <= width:
                return line
    line = summary_line(value)
    return line if len(line) <= width else shape_text(value.shape)


def brief(value: Value, width: int) -> str:
    """For a narrow column beside one of shapes: all numbers, else their range, else the largest."""
    whole = value_text(value, 3) if not _too_many(value, width) and value.whole else ""
    found = _range(value)
    between = "" if found is None else _tiny(_between(*found, 2))
    broken = f"{value.non_finite:,} not finite" if value.non_finite else ""
    bound = _largest(value) if found is None else _bound(*found)
    texts = (whole, broken or between, bound)
    return next((text for text in texts if text and len(text) <= width), "")


def _too_many(value: Value, width: int) -> bool:
    """Whether the numbers cannot stand on one line, whatever they are: then none is written."""
    return 2 * len(value.numbers) - 1 > width


def _between(low: float, high: float, digits: int) -> str:
    """A range that holds all numbers, in so many digits or as many more as narrow ranges need.

    Where all are equal it is no range but a number, rounded as any other.
    """
    if low == high:
        return f"all {number_text(low, digits)}"
    while digits < ALL_DIGITS:
        ends = _rounded(low, digits, math.floor), _rounded(high, digits, math.ceil)
        if float(ends[1]) - float(ends[0]) <= WIDENED * (high - low):
            break
        digits += 1
    return f"{ends[0]} … {ends[1]}"


def _bound(low: float, high: float) -> str:
    """The end that is farther from 0, with its side: `≤.97`, `≥-3`."""
    if -low == high:
        return f"±{_tiny(_rounded(high, 2, math.ceil))}"
    if high > -low:
        return f"≤{_tiny(_rounded(high, 2, math.ceil))}"
    return f"≥{_tiny(_rounded(low, 2, math.floor))}"


def _largest(value: Value) -> str:
    """Of complex numbers the largest magnitude: `|z|≤3.2`."""
    sizes = [abs(number) for number in value.numbers if isinstance(number, complex)]
    finite = [size for size in sizes if math.isfinite(size)]
    if not finite or not value.whole:
        return ""
    return f"|z|≤{_tiny(_rounded(max(finite), 2, math.ceil))}"


def _rounded(number: float, digits: int, towards: Callable[[float], int]) -> str:
    """A number in so many digits, rounded down or up; one that has no more of them stays."""
    text = number_text(number, digits)
    if isinstance(number, bool | int) or not math.isfinite(number) or float(text) == number:
        return text
    unit = 10.0 ** (math.floor(math.log10(abs(number))) + 1 - digits)
    return number_text(towards(number / unit) * unit, digits)


def _tiny(text: str) -> str:
    """Without the zeros before the points."""
    return re.sub(r"\b0\.", ".", text)


def _matrix(value: Value, digits: int, brackets: str) -> list[str]:
    left, right = brackets[:1], brackets[1:]
    rows, columns = value.shape
    texts = [number_text(number, digits) for number in value.numbers]
    widths = [max(len(texts[r * columns + c]) for r in range(rows)) for c in range(columns)]
    lines = []
    for r in range(rows):
        cells = (texts[r * columns + c].rjust(widths[c]) for c in range(columns))
        lines.append(left + " ".join(cells) + right)
    return lines


def _described(value: Value, width: int) -> list[str]:
    """The summary in words and as much of the corner as there is."""
    lines = [summary_line(value)]
    if value.summary is not None:
        summary = value.summary
        mean, norm = number_text(summary.mean), number_text(summary.norm)
        lines.append(f"mean {mean}  norm {norm}")
    if value.non_finite:
        lines.append(f"{value.non_finite:,} not finite")
    return [fit(line, min(width, len(line))) for line in (*lines, *_corner(value, width))]


def _corner(value: Value, width: int) -> list[str]:
    """The first numbers along the last two dimensions, with dots where there are more."""
    if not value.numbers or not value.corner:
        return []
    # Of the outer dimensions only the first is written.
    rows = value.corner[-2] if len(value.corner) > 1 else 1
    columns = value.corner[-1]
    texts = [number_text(number, 3) for number in value.numbers[: rows * columns]]
    wide = max(map(len, texts))
    seen = min(columns, max((width - 1) // (wide + 1), 1))
    more = " …" if seen < value.shape[-1] else ""
    lines = [
        " ".join(text.rjust(wide) for text in texts[row * columns : row * columns + seen]) + more
        for row in range(min(rows, ROWS))
    ]
    total = value.shape[-2] if len(value.shape) > 1 else 1
    return [*lines, "…"] if len(lines) < total else lines


def _range(value: Value) -> tuple[float, float] | None:
    """The least and the largest finite number; None where there is none, or they are complex."""
    if value.summary is not None:
        return value.summary.minimum, value.summary.maximum
    real = [n for n in value.numbers if not isinstance(n, complex) and math.isfinite(n)]
    return (min(real), max(real)) if real else None
