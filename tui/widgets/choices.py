"""A list to choose from that outlives any key."""

from __future__ import annotations

from contextlib import suppress

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
