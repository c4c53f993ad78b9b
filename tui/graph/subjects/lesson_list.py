"""The lessons, the mistakes, what is the user's own, and the run that is being trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.lessons import GROUPS, LESSONS, Lesson
from tui.kit.option_list import Choices
from tui.kit.text import safe

YOUR_RUN = "your run"
"""The key of the iteration that the Train tab is in."""
OPEN_FILE = "open a file"
"""The key that asks for a path."""
FIRST = LESSONS[1].key
"""The key of the lesson that is open at the start."""
TITLE, SCORE = 20, 6
"""Cells of a title and of a score beside a summary."""
WIDE = 60
"""Cells from which on there is room for all three."""


@dataclass
class LessonChosen(Message):
    """Posted by the list of lessons when one is chosen, with its key."""

    key: str


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
        self._wide = False

    def on_mount(self) -> None:
        """Write the title, and list the lessons."""
        self.border_title = "lessons"
        self._list()

    def add(self, key: str, title: str) -> None:
        """List a subject of the user's own by its key and title, if it is not there yet."""
        if (key, title) not in self._own:
            self._own.append((key, title))
            self._list()

    def mark_opened(self, key: str, title: str = "") -> None:
        """Highlight what is open, which is listed by its title if it is no lesson."""
        if title:
            self.add(key, title)
        self.mark(key)

    def mark(self, key: str) -> None:
        """Highlight the option of a key as the one that is open."""
        self.highlighted = self.get_option_index(key) if key in self._keys else None

    def show_scores(self, scores: Mapping[str, str]) -> None:
        """Show scores of predictions beside the titles of their lessons, by the lessons' keys."""
        before, self._scores = self._scores, scores
        for lesson in LESSONS:
            score = scores.get(lesson.key, "")
            if score != before.get(lesson.key, ""):
                self.replace_option_prompt(lesson.key, self._prompt(lesson))

    @property
    def _keys(self) -> set[str | None]:
        return {option.id for option in self.options}

    def _list(self) -> None:
        self.clear_options()
        for group, lessons in groupby(LESSONS, lambda lesson: lesson.group):
            if group != LESSONS[0].group:
                self.add_options([_separator(GROUPS[group])])
            self.add_options(self._lesson(lesson) for lesson in lessons)
        self.add_options([_separator("yours"), _option(YOUR_RUN, "your run, live")])
        self.add_options(_option(key, title) for key, title in self._own)
        self.add_options([_option(OPEN_FILE, "open a file …")])

    def _lesson(self, lesson: Lesson) -> Option:
        return Option(self._prompt(lesson), lesson.key)

    def _prompt(self, lesson: Lesson) -> Content:
        """A lesson's title, how many of its predictions were right, and what it shows."""
        score = self._scores.get(lesson.key, "")
        if not self._wide:
            return Content.assemble(lesson.title, (f"  {score}" if score else "", "$gradient"))
        return Content.assemble(
            f"{lesson.title:{TITLE}}",
            (f"{score:{SCORE}}", "$gradient"),
            (lesson.summary, "$muted"),
        )

    def on_resize(self) -> None:
        """Add what a lesson shows to its title where there is room, or leave it out."""
        wide = self.size.width >= WIDE
        if wide != self._wide:
            self._wide = wide
            there = self.highlighted_option
            self._list()
            if there is not None and there.id is not None:
                self.mark(there.id)
        self.call_after_refresh(self.scroll_to_highlight)

    def on_show(self) -> None:
        """Bring what is open into view, which was marked while nothing was seen."""
        self.call_after_refresh(self.scroll_to_highlight)

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


def _separator(title: str) -> Option:
    return Option(Content.styled(f"── {title} ──", "$faint"), disabled=True)
