"""What stands in front of everything while the terminal is too small for it."""

from __future__ import annotations

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
        """Say how large the screen is."""
        needed = f"{SMALLEST.width}×{SMALLEST.height}"
        self.update(f"too small: needs {needed}, is {size.width}×{size.height}")
