"""A list to choose from that outlives any key, and says without colours too where one is."""

from __future__ import annotations

from contextlib import suppress

from textual.style import Style
from textual.widgets import OptionList


class Choices(OptionList):
    """Textual's own raises where a page key comes before the options have been laid out."""

    def action_page_up(self) -> None:
        """Move up a page, as soon as there are pages."""
        with suppress(KeyError, IndexError):
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move down a page, as soon as there are pages."""
        with suppress(KeyError, IndexError):
            super().action_page_down()  # type: ignore[no-untyped-call]

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """As Textual, which leaves out that a stylesheet reverses."""
        style = super().get_visual_style(*component_classes, partial=partial)
        marked = "option-list--option-highlighted" in component_classes
        reverse = marked and self.app.has_class("-few-colours")
        return style + Style(reverse=True) if reverse else style
