"""The question before leaving by ctrl+c, which is often pressed for something else."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui.kit.dialog import Dialog


class QuitScreen(Dialog[bool]):
    """Dismissed with whether to quit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q,y", "dismiss(True)", "Quit", show=False),
        Binding("escape,n", "dismiss(False)", "Stay", show=False),
    ]

    def compose(self) -> ComposeResult:
        """The question, and both answers."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "quit?"
            dialog.border_subtitle = "enter quits · escape stays"
            yield Static("Nothing is running.", markup=False)
