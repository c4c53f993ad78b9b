"""All that is wrong with the run that is open, and the whole of what was raised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from engine.recording.records import Recording
from tui.kit.dialog import Dialog
from tui.kit.paragraphs import Paragraph, content_of
from tui.script.advice import everything


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


def show_advice(app: App[Any], recording: Recording | None) -> None:
    """Show what is wrong with a recording, or say that nothing is."""
    paragraphs = everything(recording) if recording is not None else ()
    if paragraphs:
        app.push_screen(AdviceScreen(paragraphs))
    else:
        app.notify("nothing is wrong as far as this run has come")
