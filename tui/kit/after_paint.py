"""What is done once something has been painted, or soon where it cannot be."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

UNSEEN = 1.0
"""Seconds: under a dialog a screen is not painted, and may not be for long."""


def after_paint(widget: Widget, then: Callable[[], object]) -> None:
    """Call `then`, once: when what has changed is painted, or after `UNSEEN`."""
    called = False

    def once() -> None:
        nonlocal called
        if not called:
            called = True
            then()

    widget.call_after_refresh(once)
    widget.set_timer(UNSEEN, once)
