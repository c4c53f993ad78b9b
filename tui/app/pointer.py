"""What the mouse points at: something may have been taken away since it was painted."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.screen import Screen


def is_over_what_has_gone(screen: Screen[Any], event: events.MouseEvent) -> bool:
    """Whether the mouse is over what is painted and in no screen any more.

    Textual would begin to select text there, beside a parent that there is not.
    """
    widget, offset = screen.get_widget_and_offset_at(event.x, event.y)
    return offset is not None and not isinstance(widget, Screen | None) and widget.parent is None
