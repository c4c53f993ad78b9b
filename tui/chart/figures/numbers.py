"""Numbers as a chart writes them: short, and as wide tomorrow as today."""

from __future__ import annotations

import math
from collections.abc import Sequence


def tick_texts(values: Sequence[float], step: float) -> list[str]:
    """Return labels of ticks `step` apart, with as many digits as the step needs: `0.80`."""
    largest = max(map(abs, values), default=0.0)
    fine = math.floor(math.log10(step) + 1e-9)
    if largest >= 1e5 or fine < -4:
        digits = min(max(math.floor(math.log10(max(largest, step)) + 1e-9) - fine, 0), 2)
        return [f"{value + 0.0:.{digits}e}" for value in values]
    return [f"{value + 0.0:.{max(0, -fine)}f}" for value in values]


def count_text(count: float) -> str:
    """Write a count in at most five characters: `5000`, `20k`, `1.5M`."""
    for unit, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= max(unit, 1e4):
            return f"{count / unit:.4g}{name}"
    return f"{count:.4g}"


def four_digits(number: float) -> str:
    """Write a number in four significant digits: `0.07194`, `3.940`, `3.663e-04`, `nan`."""
    if number != 0 and math.isfinite(number) and not 1e-3 <= abs(number) < 1e5:
        return f"{number:.3e}"
    return f"{number:#.4g}".removesuffix(".") if number else "0"


def number_text(number: float) -> str:
    """Write a number in four significant digits, nearly always as wide: `2.998`, `4.257e-07`."""
    if number != 0 and math.isfinite(number) and not 1e-3 <= abs(number) < 1e5:
        return f"{number:.3e}"
    if abs(number) >= 1000 or not math.isfinite(number):
        return f"{number:.1f}"
    return f"{number:.3f}"
