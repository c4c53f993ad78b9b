"""What a tab is: a container whose keys work while it has the focus."""

from __future__ import annotations

from textual.containers import Container


class Pane(Container, can_focus=True):
    """Looks the same with the focus and without: the tab bar and the keys say where one is."""

    def come_to_front(self) -> None:
        """Show what is new; called when the tab is brought to the front."""

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Do not restyle all that is in it, as Textual would: it took half of a tab switch."""
