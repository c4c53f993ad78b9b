"""All that is wrong with the run that is open, and the whole of what was raised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.kit.dialog import Dialog
from tui.kit.paragraphs import Paragraph, content_of


class AdviceScreen(Dialog[None]):
    """Shows paragraphs in a box that scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,a,q,enter", "dismiss", "Close", show=False)
    ]

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        super().__init__()
        self._paragraphs = paragraphs

    def compose(self) -> ComposeResult:
        """The paragraphs, one after the other, with a line between them."""
        with VerticalScroll(classes="dialog wide") as dialog:
            dialog.border_title = "what is wrong"
            dialog.border_subtitle = "escape closes"
            yield Static(content_of(self._paragraphs, "\n\n"), markup=False)
