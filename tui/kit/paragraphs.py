"""A few wrapped paragraphs in a widget that takes no room while there are none."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tui.kit.spans import Row
from tui.kit.styles import content_style

Paragraph = Row
"""One paragraph: its pieces, each with a role of `tui.kit.styles.INK`."""


class Paragraphs(Static):
    """Shows paragraphs, at most eight rows of them; hidden while there are none."""

    DEFAULT_CSS = """
    Paragraphs {
        height: auto;
        max-height: 8;
        display: none;
        padding: 0 1;
        background: $surface;
        &.-some { display: block; }
    }
    """

    def show(self, paragraphs: Sequence[Paragraph]) -> None:
        """Replace the paragraphs by others; with none the widget takes no room."""
        self.set_class(bool(paragraphs), "-some")
        if paragraphs:
            self.update(
                Content("\n").join(
                    Content.assemble(*((span.text, content_style(span.role)) for span in paragraph))
                    for paragraph in paragraphs
                )
            )
