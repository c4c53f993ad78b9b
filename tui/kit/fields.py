"""A form's fields, one below the other, scrolled where there is no room for all."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll


class Fields(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Up and down go to another field, where Textual's own keys would only scroll; pages scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "Field above", show=False),
        Binding("down", "app.focus_next", "Field below", show=False),
        Binding("pageup", "page_up", "What stands above", show=False),
        Binding("pagedown", "page_down", "What stands below", show=False),
    ]
