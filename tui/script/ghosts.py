"""What a value was before something was changed, beside what it is: the ghost of the original."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from engine.autograd.values import Value
from tui.kit.spans import Row, Span
from tui.script.value_text import ALL_DIGITS, short

LEAST = len("was 0")
DIGITS = (4, 7, ALL_DIGITS)
"""So many are tried until two values are written differently."""
_MARGIN = "  "
"""Before what stands in a line of its own."""


def was_text(value: Value | None, before: Value | None, width: int) -> str:
    """Return `was 0.75` in at most `width` cells; empty where nothing is different."""
    if value == before or width < LEAST:
        return ""
    for digits in DIGITS:
        one, other = (short(this, width - len("was "), digits) for this in (value, before))
        if one != other:
            return f"was {other}"
    alike = repr(value) == repr(before)  # nan is the same as nan
    return "" if alike else "was other numbers"[:width]


def with_ghost(row: Row, value: Value | None, before: Value | None, width: int) -> Iterator[Row]:
    """Yield the row that shows a value, and behind it or else below it what the value was."""
    ghost = was_text(value, before, width - len(_MARGIN))
    behind = f"  ({ghost})" if ghost else ""
    fits = sum(cell_len(span.text) for span in row) + cell_len(behind) <= width
    yield (*row, Span(behind, "ghost")) if behind and fits else row
    if ghost and not fits:
        yield (Span(_MARGIN + ghost, "ghost"),)
