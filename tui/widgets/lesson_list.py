"""The lessons, the user's own file, and the run that is being trained."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.lessons import LESSONS
from tui.messages import LessonChosen
from tui.text import safe

YOUR_RUN = "your run"
"""The key of the iteration that the Train tab is in."""


class LessonList(OptionList):
    """Posts `LessonChosen`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("escape", "leave", "Back", show=False),
    ]

    def __init__(
        self,
        file: Path | None = None,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        keys = [lesson.key for lesson in LESSONS]
        titles = [lesson.title for lesson in LESSONS]
        if file is not None:
            keys.append(str(file))
            titles.append(file.name)
        keys.append(YOUR_RUN)
        titles.append("↳ your run, live")
        self._keys = keys
        options = [Option(Content(safe(title))) for title in titles]
        super().__init__(*options, id=id, classes=classes, compact=True)

    def mark(self, key: str) -> None:
        """Show which one is open."""
        self.highlighted = self._keys.index(key) if key in self._keys else None

    def action_leave(self) -> None:
        """Back to where the keys were."""
        self.screen.focus_previous()

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(LessonChosen(self._keys[event.option_index]))
