"""Keeping the scores in their file, on threads, and showing them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from engine.lessons import find
from tui.graph.predict.scores import (
    ScoreError,
    Scores,
    keep_answer,
    read_scores,
    scores_path,
    write_scores,
)
from tui.graph.subjects.lesson_list import LessonList
from tui.kit.tab_pane import Pane


class ScoreKeeper:
    """Owns the scores; its methods are for the UI thread.

    Of one's own scripts nothing is kept in the file.
    """

    def __init__(self, pane: Pane) -> None:
        self._pane = pane
        self.scores = Scores()
        self._usable = True
        """Whether the file could be read and written up to now."""
        self._file = Lock()

    def read(self) -> None:
        """Read the file, and show its scores."""
        self._in_thread(lambda: read_scores(scores_path()))

    def add(self, key: str, question: str, *, right: bool) -> None:
        """Add an answer to a question of a lesson, or of a script of one's own."""
        self.scores = self.scores.after(key, question, right=right)
        if find(key) is not None:
            self._show()
            self._in_thread(lambda: keep_answer(scores_path(), key, question, right=right))

    def reset(self) -> None:
        """Forget the score of every lesson, in the file too."""
        self.scores, self._usable = Scores(), True

        def write() -> Scores:
            write_scores(scores_path(), Scores())
            return Scores()

        self._show()
        self._in_thread(write)

    def _in_thread(self, work: Callable[[], Scores]) -> None:
        """Read or write the file, and show the scores that it has then; after a failure no more."""

        def run() -> None:
            with self._file:
                try:
                    scores = work()
                except ScoreError as error:
                    self._pane.app.call_later(self._fail, str(error))
                else:
                    self._pane.app.call_later(self._take, scores)

        if self._usable:
            self._pane.run_worker(run, thread=True, group="scores")

    def _fail(self, why: str) -> None:
        if self._usable:
            self._usable = False
            self._pane.app.notify(why, severity="warning", timeout=8)

    def _take(self, scores: Scores) -> None:
        """Show what the file has; what was answered of one's own scripts stays."""
        self.scores = Scores({**self.scores.lessons, **scores.lessons})
        self._show()

    def _show(self) -> None:
        # What comes of a thread may find the app on its way out.
        lessons = self._pane.query_one_optional(LessonList)
        if lessons is not None:
            lessons.show_scores(self.scores.texts)
