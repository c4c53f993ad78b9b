"""What stands in front of everything while the terminal is too small for it."""

from __future__ import annotations

from textwrap import wrap

from textual.geometry import Size
from textual.widgets import Static

SMALLEST = Size(40, 12)
"""Columns and rows that everything needs."""


def too_small(size: Size) -> bool:
    """Whether a screen has no room for the app."""
    return size.width < SMALLEST.width or size.height < SMALLEST.height


class TooSmall(Static):
    """Covers the screen where the app has the class `-tiny`; what runs goes on behind it."""

    DEFAULT_CSS = """
    TooSmall {
        layer: front;
        width: 100%;
        height: 100%;
        display: none;
        background: $background;
        color: $warning;
    }
    """

    def show(self, size: Size) -> None:
        """Say how large the screen has to be, and if there is room for that, how large it is."""
        self.update(_words(size))


def _words(size: Size) -> str:
    """The most that fits, the size that is needed in any case."""
    needed = f"{SMALLEST.width}×{SMALLEST.height}"
    full = f"too small: needs {needed}, is {size.width}×{size.height}"
    for words in (full, f"needs {needed}"):
        lines = wrap(words, max(size.width, 1), break_long_words=False)
        if len(lines) <= size.height and max(map(len, lines)) <= size.width:
            return words
    return needed
