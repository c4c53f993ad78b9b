"""How to take a chart away: as a file, or to the clipboard."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.chart.figures.picture_file import Format
from tui.kit.dialog import Dialog
from tui.kit.option_list import Choices

ExportKind = Format | Literal["copy"]

CHOICES: dict[ExportKind, str] = {
    "svg": "s  SVG picture",
    "html": "h  HTML page",
    "txt": "t  plain text",
    "copy": "c  copy the text to the clipboard",
}


class ExportScreen(Dialog[ExportKind | None]):
    """Dismissed with what was chosen, or with None by escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        *(Binding(words[0], f"dismiss('{name}')", show=False) for name, words in CHOICES.items()),
    ]

    def compose(self) -> ComposeResult:
        """Compose the dialog: a line for each format."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "take the chart away"
            dialog.border_subtitle = "enter · escape cancels"
            yield Choices(
                *(Option(words, id=name) for name, words in CHOICES.items()),
                markup=False,
                compact=True,
            )

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(next(name for name in CHOICES if name == event.option.id))
