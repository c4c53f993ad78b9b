"""A question that is answered with yes or no, in front of everything."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.kit.dialog import Dialog
from tui.kit.text import safe


class QuestionScreen(Dialog[bool]):
    """Dismissed with the answer: yes by enter and y, no by escape and n; q is yes to quitting."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "dismiss(True)", "Yes", show=False),
        Binding("escape,n", "dismiss(False)", "No", show=False),
        Binding("q", "again", "Yes to quitting, else no", show=False),
    ]

    def __init__(self, title: str, words: str, yes: str, no: str, *, quits: bool = False) -> None:
        """Ask for `title`; `yes` and `no` are verbs that say what the answers do."""
        super().__init__()
        self.quits = quits
        """Whether yes ends the app."""
        self._title, self._words = safe(title), words
        self._answers = f"enter {yes} · escape {no}"

    def compose(self) -> ComposeResult:
        """The question as the frame's title, what it is about, and both answers.

        Where there is no room for a dialog both stand in one line.
        """
        yield Static(f"{self._title} {self._answers}", classes="bare", markup=False)
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._title)
            dialog.border_subtitle = self._answers
            yield Static(safe(self._words, newlines=True), markup=False)

    def action_again(self) -> None:
        """Quit where quitting is the question: the key that asked for it answers it too."""
        self.dismiss(self.quits)
