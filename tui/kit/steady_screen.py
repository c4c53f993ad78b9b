"""Screens that come to rest, however often a terminal has been resized at once."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.screen import Screen


def ignore_old_size(screen: Screen[Any], event: events.Resize) -> None:
    """Have a screen not take a size that the terminal has no more.

    A screen hears of each size that it takes once more: of two at once, as where a terminal is
    resized while the app starts, it would take one after the other for ever.
    """
    if event.size != screen.app.size:
        event.prevent_default()
