"""Choosing what is opened: from the list of lessons, which folds away, or by a path."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from tui.graph.subjects.lesson_list import OPEN_FILE, LessonList
from tui.graph.subjects.opener import Opener
from tui.graph.subjects.source_prompt import source_prompt
from tui.kit.file_path import file_path
from tui.script.subject import Script

CHOOSING = "-choosing"
"""The class of the pane while the list has the keys."""


class LessonChoice:
    """Gives the keys to the list of a pane and takes them back; `mark` marks what is open."""

    def __init__(self, opener: Opener, pane: Widget, mark: Callable[[], None]) -> None:
        self._opener, self._pane, self._mark = opener, pane, mark

    def toggle(self) -> None:
        """Give the keys to the list of lessons, or take them back."""
        if self._pane.has_class(CHOOSING):
            self._pane.screen.set_focus(self._pane)
        else:
            self._pane.add_class(CHOOSING)
            self._pane.screen.set_focus(self._pane.query_one(LessonList))

    def fold(self) -> None:
        """Fold the list away when it is left, marked where it was before."""
        if self._pane.has_class(CHOOSING):
            self._pane.remove_class(CHOOSING)
            self._mark()

    def asks_for_file(self, key: str) -> bool:
        """Ask for a file, if that is what has been chosen; return whether it is."""
        self._pane.screen.set_focus(self._pane)
        if key == OPEN_FILE:
            self._mark()
            self.ask_for_file()
        return key == OPEN_FILE

    def ask_for_file(self) -> None:
        """Ask for the path of a Python file, and record it."""
        self._opener.loader.get_ready()
        self._pane.app.push_screen(source_prompt(), self._open)

    def _open(self, path: str | None) -> None:
        if path:
            self._opener.open_subject(Script(file_path(path)))
