"""A one-line question in front of everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tui.kit.dialog import Dialog
from tui.kit.text import safe
from tui.kit.text_input import Line


class PromptScreen(Dialog[str | None]):
    """Asks for a line of text; dismissed with it, or with None by escape.

    `check` raises ValueError with one line where the text will not do: it is shown, and the
    prompt stays. What it is `about` stands above the line, as safe text.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(
        self,
        title: str,
        hint: str,
        check: Callable[[str], object],
        text: str = "",
        about: str = "",
    ) -> None:
        super().__init__()
        self._title, self._hint, self._check, self._text = title, hint, check, text
        self._about = about

    def compose(self) -> ComposeResult:
        """The question as the frame's title, the answer, and what is wrong with it."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(safe(self._title))
            dialog.border_subtitle = "enter · escape cancels"
            if self._about:
                yield Static(self._about, markup=False, classes="about")
            yield Line(self._text, placeholder=self._hint)
            yield Static(markup=False, classes="problem")

    @on(Input.Changed)
    def _forget_problem(self) -> None:
        self.query_one(".problem", Static).update("")

    @on(Input.Submitted)
    def _answer(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            self._check(event.value)
        except ValueError as problem:
            self.query_one(".problem", Static).update(safe(str(problem)))
        else:
            self.dismiss(event.value)
