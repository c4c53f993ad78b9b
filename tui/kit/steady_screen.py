"""A screen that comes to rest, however often a terminal has been resized at once."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.screen import Screen

Answer = TypeVar("Answer")


class SteadyScreen(Screen[Answer]):
    """Takes the last of several sizes that come together, and no other."""

    def on_resize(self, event: events.Resize) -> None:
        """Ignore a size that the terminal has no more.

        A screen hears of each size that it takes once more: of two at once, as where a terminal is
        resized while the app starts, it would take one after the other for ever.
        """
        if event.size != self.app.size:
            event.prevent_default()
