"""Words about the current line, only where there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.script.advice import Said

STYLES = {
    "error": "bold $error",
    "warning": "bold $warning",
    "title": "bold",
    "faint": "$faint",
    "leaf": "$leaf",
}


class Advice(Static):
    """A few wrapped paragraphs; takes no room while there are none."""

    DEFAULT_CSS = """
    Advice {
        height: auto;
        max-height: 8;
        display: none;
        padding: 0 1;
        background: $surface;
        &.-some { display: block; }
    }
    """

    def say(self, paragraphs: Sequence[Said]) -> None:
        """Other words."""
        self.set_class(bool(paragraphs), "-some")
        if paragraphs:
            self.update(
                Content("\n").join(
                    Content.assemble(*((span.text, STYLES.get(span.role, "")) for span in said))
                    for said in paragraphs
                )
            )
