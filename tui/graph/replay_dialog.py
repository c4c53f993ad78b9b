"""The question whether a script is to be run again, for the lines of one of its passes."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui.kit.dialog import Dialog
from tui.kit.text import safe


class ReplayScreen(Dialog[bool]):
    """Dismissed with whether to run it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "dismiss(True)", "Run", show=False),
        Binding("escape,n,q", "dismiss(False)", "Stay", show=False),
    ]

    def __init__(self, number: int, command: str) -> None:
        super().__init__()
        self._number, self._command = number, command

    def compose(self) -> ComposeResult:
        """What is missing, what would be run, and both answers."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = f"run it again for pass {self._number:,}?"
            dialog.border_subtitle = "enter runs · escape stays"
            yield Static(
                f"No lines of pass {self._number:,} were recorded. Run again, the script records "
                "them; all losses and norms before it are compared with those of this run.\n\n"
                f"{safe(self._command)}",
                markup=False,
            )
