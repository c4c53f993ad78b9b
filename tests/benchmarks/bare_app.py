"""An app with the product's themes and nothing on its screen but what is measured."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widget import Widget

from tui.config.theme import THEMES


class BareApp(App[None]):
    """Shows these widgets, or is room for a dialog."""

    def __init__(self, *shown: Widget) -> None:
        super().__init__()
        self._shown = shown
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def compose(self) -> ComposeResult:
        """Yield the widgets."""
        yield from self._shown
