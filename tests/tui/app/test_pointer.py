"""The mouse over something that has gone since it was painted."""

from __future__ import annotations

import pytest
from textual import events
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from tui.app.pointer import is_over_what_has_gone

PRESSED = events.MouseDown(None, 1, 0, 0, 0, 1, False, False, False)


class Painted(Screen[None]):
    """Has painted one widget, which is under the mouse wherever that is."""

    def __init__(self, widget: Widget | None, offset: Offset | None) -> None:
        super().__init__()
        self.under_mouse = widget, offset

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return what has been painted."""
        return self.under_mouse


WORDS = Static("words")
"""In no screen, as after it was removed."""
TEXT = Offset(1, 0)
"""Where there is text to select."""


@pytest.mark.parametrize(
    ("widget", "offset", "gone"),
    [(WORDS, TEXT, True), (WORDS, None, False), (Screen(), TEXT, False), (None, None, False)],
)
def test_what_is_painted_may_have_gone(
    widget: Widget | None, offset: Offset | None, gone: bool
) -> None:
    assert is_over_what_has_gone(Painted(widget, offset), PRESSED) == gone
