"""A few wrapped paragraphs in a widget that takes no room while there are none."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tui.kit.spans import Span

Paragraph = tuple[Span, ...]
"""One paragraph: its pieces, each with a role of `STYLES`."""

STYLES = {
    "error": "bold $error",
    "warning": "bold $warning",
    "title": "bold",
    "faint": "$faint",
    "leaf": "$leaf",
}


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
        """Replace what is shown."""
        self.set_class(bool(paragraphs), "-some")
        if paragraphs:
            self.update(
                Content("\n").join(
                    Content.assemble(
                        *((span.text, STYLES.get(span.role, "")) for span in paragraph)
                    )
                    for paragraph in paragraphs
                )
            )
