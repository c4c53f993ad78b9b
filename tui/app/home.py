"""The screen below all dialogs: Textual's own paints everything anew where the focus moves."""

from __future__ import annotations

from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget


class HomeScreen(Screen[None]):
    """What has lost the focus and what has got it paint themselves, and that is all."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
