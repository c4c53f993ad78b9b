"""A number that is read from the back of a room, and is whole wherever it is shown."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.renderables.digits import Digits as LargeDigits
from textual.widgets import Digits

from tui.config.settings import settings_of

ROWS = 3
"""Of a large digit."""


class LargeNumber(Digits):
    """Shows a number in large digits; in usual ones where there is no room for all of them.

    In ASCII, which has no large digits that can be read, it takes one row.
    """

    DEFAULT_CSS = """
    LargeNumber { height: 3; width: 100%; text-style: bold; }
    LargeNumber.-ascii { height: 1; }
    """

    def on_mount(self) -> None:
        """Take as many rows as the characters need."""
        self.set_class(settings_of(self).glyphs == "ascii", "-ascii")

    def render(self) -> RenderResult:
        """Return the number as large as there is room for."""
        if self.size.height < ROWS or large_width(self.value) > self.size.width:
            return Content(self.value)
        return super().render()


def large_width(text: str) -> int:
    """Return how many columns a text takes in large digits."""
    return LargeDigits.get_width(text)
