"""The lessons, the mistakes, what is the user's own, and the run that is being trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.lessons import LESSONS, Lesson
from tui.graph.messages import LessonChosen
from tui.kit.option_list import Choices
from tui.kit.text import safe

YOUR_RUN = "your run"
"""The key of the iteration that the Train tab is in."""
OPEN_FILE = "open a file"
"""The key that asks for a path."""


class LessonList(Choices):
    """Lists all that can be opened; posts `LessonChosen` with the key of what is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
        Binding("escape", "leave", "Back", show=False),
    ]

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes, compact=True)
        self._own: list[tuple[str, str]] = []
        self._scores: Mapping[str, str] = {}

    def on_mount(self) -> None:
        """Write the title, and list the lessons."""
        self.border_title = "lessons"
        self._list()

    def add(self, key: str, title: str) -> None:
        """List a subject of the user's own by its key and title, if it is not there yet."""
        if (key, title) not in self._own:
            self._own.append((key, title))
            self._list()

    def mark(self, key: str) -> None:
        """Highlight the option of a key as the one that is open."""
        self.highlighted = self.get_option_index(key) if key in self._keys else None

    def show_scores(self, scores: Mapping[str, str]) -> None:
        """Show scores of predictions beside the titles of their lessons, by the lessons' keys."""
        before, self._scores = self._scores, scores
        for lesson in LESSONS:
            score = scores.get(lesson.key, "")
            if score != before.get(lesson.key, ""):
                self.replace_option_prompt(lesson.key, _scored(lesson.title, score))

    @property
    def _keys(self) -> set[str | None]:
        return {option.id for option in self.options}

    def _list(self) -> None:
        self.clear_options()
        groups = {group: [lesson for lesson in LESSONS if lesson.group == group]
                  for group in ("lesson", "mistake")}  # fmt: skip
        self.add_options(map(self._lesson, groups["lesson"]))
        self.add_options([_separator("mistakes")])
        self.add_options(map(self._lesson, groups["mistake"]))
        self.add_options([_separator("yours"), _option(YOUR_RUN, "your run, live")])
        self.add_options(_option(key, title) for key, title in self._own)
        self.add_options([_option(OPEN_FILE, "open a file …")])

    def _lesson(self, lesson: Lesson) -> Option:
        return Option(_scored(lesson.title, self._scores.get(lesson.key, "")), lesson.key)

    def action_leave(self) -> None:
        """Give the focus back to the widget that had it before."""
        self.screen.focus_previous()

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self.post_message(LessonChosen(event.option_id))


def _option(key: str, title: str) -> Option:
    return Option(Content(safe(title)), key)


def _scored(title: str, score: str) -> Content:
    """A lesson's title, and how many of its predictions were right."""
    return Content.assemble(safe(title), (f"  {score}" if score else "", "$gradient"))


def _separator(title: str) -> Option:
    return Option(Content.styled(f"── {title} ──", "$faint"), disabled=True)
