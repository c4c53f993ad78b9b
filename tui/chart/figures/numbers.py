"""Numbers as a chart writes them: short, and as wide tomorrow as today."""

from __future__ import annotations

import math
from collections.abc import Sequence

WIDEST = 10
"""Columns of a label, at most."""


def tick_texts(values: Sequence[float], step: float) -> list[str]:
    """Return labels of ticks `step` apart, with as many digits as the step needs: `0.80`.

    Where that is too long only the first is the number, and all others are what is added to it.
    """
    largest = max(map(abs, values), default=0.0)
    fine = math.floor(math.log10(step) + 1e-9)
    digits = max(math.floor(math.log10(max(largest, step)) + 1e-9) - fine, 0)
    plain = [f"{value + 0.0:.{max(0, -fine)}f}" for value in values]
    powers = [f"{value + 0.0:.{digits}e}" for value in values]
    is_plain = largest < 1e5 and fine >= -4
    choices = [plain, powers] if is_plain or digits > 2 else [powers, plain]
    for texts in choices:
        if max(map(len, texts), default=0) <= WIDEST:
            return texts
    added = tick_texts([value - values[0] for value in values[1:]], step)
    return [_shortened(values[0]), *(f"+{text}" for text in added)]


def power_texts(powers: Sequence[float]) -> list[str]:
    """Write powers of ten alike: parts of 1 as `0.01`, or as `1e-02` beside a smaller `1e-06`."""
    texts = [f"{power:.5g}" for power in powers]
    if not any("e-" in text for text in texts):
        return texts
    return [
        f"{power:.0e}" if power < 1 else text for power, text in zip(powers, texts, strict=True)
    ]


def _shortened(number: float) -> str:
    """As many digits as there is room for."""
    texts = (f"{number:.{digits}e}" for digits in range(4, 0, -1))
    return next((text for text in texts if len(text) <= WIDEST), f"{number:.0e}")


def count_texts(counts: Sequence[float]) -> list[str]:
    """Write counts as `count_text` does; whole where two of them would look the same."""
    texts = [count_text(count) for count in counts]
    return texts if len({*texts}) == len(texts) else [f"{count:.0f}" for count in counts]


def count_text(count: float) -> str:
    """Write a count in at most five characters: `5000`, `20k`, `1.5M`."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= max(unit, 1e4):
            return f"{count / unit:.4g}{name}"
    return f"{count:.4g}"


def four_digits(number: float) -> str:
    """Write a number in four significant digits: `0.07194`, `3.940`, `3.663e-04`, `nan`."""
    return significant(number, 4)


def significant(number: float, digits: int) -> str:
    """Write a number in so many significant digits, as `four_digits` does in four."""
    if number != 0 and math.isfinite(number) and not 1e-3 <= abs(number) < 1e5:
        return f"{number:.{digits - 1}e}"
    return f"{number:#.{digits}g}".removesuffix(".") if number else "0"


def number_text(number: float) -> str:
    """Write a number in four significant digits, nearly always as wide: `2.998`, `4.257e-07`."""
    if number != 0 and math.isfinite(number) and not 1e-3 <= abs(number) < 1e5:
        return f"{number:.3e}"
    if abs(number) >= 1000 or not math.isfinite(number):
        return f"{number:.1f}"
    return f"{number:.3f}"
