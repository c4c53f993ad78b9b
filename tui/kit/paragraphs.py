"""A few wrapped paragraphs in a widget that takes no room while there are none."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.kit.spans import Row
from tui.kit.styles import content_style

Paragraph = Row
"""One paragraph: its pieces, each with a role of `tui.kit.styles.INK`."""


class Paragraphs(VerticalScroll, can_focus=False):
    """Shows paragraphs in at most eight rows, scrolled beyond; hidden while there are none."""

    DEFAULT_CSS = """
    Paragraphs {
        height: auto;
        max-height: 8;
        display: none;
        padding: 0 1;
        background: $surface;
        scrollbar-size-vertical: 1;
        &.-some { display: block; }
        & > Static { height: auto; }
    }
    """

    def compose(self) -> ComposeResult:
        """The text, which is as high as it is."""
        yield Static()

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return str(self.query_one(Static).render()) if self.has_class("-some") else ""

    def show(self, paragraphs: Sequence[Paragraph]) -> None:
        """Replace the paragraphs by others; with none the widget takes no room."""
        self.set_class(bool(paragraphs), "-some")
        if paragraphs:
            self.scroll_home(animate=False)
            self.query_one(Static).update(content_of(paragraphs))


def content_of(paragraphs: Sequence[Paragraph], between: str = "\n") -> Content:
    """Return paragraphs as one text, with something between them."""
    return Content(between).join(
        Content.assemble(*((span.text, content_style(span.role)) for span in paragraph))
        for paragraph in paragraphs
    )
