"""The screen below all dialogs: Textual's own paints everything anew where the focus moves."""

from __future__ import annotations

from textual import events
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from tui.app.messages import SizeChanged
from tui.kit.changed_cells import ChangedCells


class HomeScreen(Screen[None]):
    """What has lost the focus and what has got it paint themselves, and that is all."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._compositor = ChangedCells()

    def on_resize(self, event: events.Resize) -> None:
        """Tell the app, which may have to say that it is too small.

        The app hears of a new size before the screen has it, and would paint in the old one.
        """
        if event.size != self.app.size:
            # A screen hears of each size that it takes once more: of two at once, as where a
            # terminal is resized while the app starts, it would take one after the other for ever.
            event.prevent_default()
            return
        self.post_message(SizeChanged(event.size))
