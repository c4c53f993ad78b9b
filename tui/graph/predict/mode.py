"""Asking before a step: which question, what the answer was, and the score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from engine.lessons import find
from engine.lessons.predictions import LinePrediction, predictions_of
from tui.diagram.node_facts import known_of
from tui.graph.graph_widget import GraphWidget
from tui.graph.lesson_list import LessonList
from tui.graph.opener import Opener
from tui.graph.player_steps import STEPS
from tui.graph.predict.line_questions import line_question
from tui.graph.predict.node_questions import node_question
from tui.graph.predict.panel import QuestionPanel
from tui.graph.predict.question import AnswerChoice, Question
from tui.graph.predict.scores import (
    ScoreError,
    Scores,
    keep_answer,
    read_scores,
    scores_path,
    write_scores,
)
from tui.graph.predict.verdict import verdict
from tui.kit.paragraphs import Paragraphs
from tui.kit.tab_pane import Pane
from tui.run.messages import Command
from tui.script import position as positions
from tui.script.player import Player
from tui.script.position import Position

ASKING = "-asking"
"""The class of the pane while there is a question."""
PREDICTING = "-predicting"
"""The class of the pane while steps are asked about."""


class Asked(NamedTuple):
    """A question on the screen, and the step that shows the answer."""

    question: Question
    command: Command


class PredictMode:
    """Owned by the pane of the Graph tab; all methods are for the UI thread.

    `path` tells where the scores are kept.
    """

    def __init__(self, opener: Opener, pane: Pane, path: Callable[[], Path] = scores_path) -> None:
        self._opener, self._pane, self._path = opener, pane, path
        self.on = False
        """Whether steps are asked about."""
        self.scores = Scores()
        self._ready = False
        """Whether torch is there, by which rules are evaluated."""
        self._asked: Asked | None = None
        self._answered: set[tuple[str, str]] = set()
        """Questions that are not asked again, each with the key of what it was asked of."""
        self._known: set[tuple[str, ...]] = set()
        """The content of questions that were answered right."""
        self._kept = True
        """Whether the file can be read and written."""
        self._file = Lock()

    @property
    def words(self) -> str:
        """What the heading says: that steps are asked about, and the score of what is open."""
        score = self.scores.text(self._opener.state.key).replace("/", " of ")
        return f" · predict {score}".rstrip() if self.on else ""

    def begin(self) -> None:
        """Read the scores, once torch is there."""
        self._ready = True
        self._in_thread(lambda: read_scores(self._path()))

    def switch(self) -> None:
        """Ask before steps from now on, or no longer."""
        self.on = not self.on
        self._pane.set_class(self.on, PREDICTING)
        self.withdraw()

    def forget_answers(self, key: str) -> None:
        """Ask everything of a lesson again: it is opened anew."""
        self._answered = {one for one in self._answered if one[0] != key}
        self._known.clear()

    def reset_scores(self) -> None:
        """Forget the score of every lesson, in the file too."""
        self.scores, self._kept = Scores(), True

        def write() -> Scores:
            write_scores(self._path(), Scores())
            return Scores()

        self._in_thread(write)
        self._pane.app.notify("the scores of all lessons are forgotten")

    def asks(self, command: Command) -> bool:
        """Ask about what a step will show, if there is something to ask; return whether it does."""
        if self._asked is not None:
            self._panel.line.focus()
            return True
        found = self._question(command) if self.on and command in ("next", "node") else None
        if found is None or self._is_known(found):
            return False
        self._asked = Asked(found, command)
        self._verdict.show(())
        self._pane.add_class(ASKING)
        self._select(found.node)
        self._panel.ask(found)
        return True

    def take(self, choice: AnswerChoice | None) -> None:
        """Take an answer, None where none was given, and show the step with what is to be said."""
        if self._asked is None:
            return
        (question, command), key = self._asked, self._opener.state.key
        self.withdraw()
        self._answered.add((key, question.key))
        if choice is not None:
            self._score(key, question, right=choice is question.right)
        self._opener.go(STEPS[command](self._opener.state.player))
        self._verdict.show(verdict(question, choice))

    def withdraw(self) -> None:
        """Take the question away, or what was said of the last answer: one is somewhere else."""
        if self._asked is not None:
            self._asked = None
            self._pane.remove_class(ASKING)
            self._pane.focus()
        self._verdict.show(())

    @property
    def _panel(self) -> QuestionPanel:
        return self._pane.query_one(QuestionPanel)

    @property
    def _verdict(self) -> Paragraphs:
        return self._pane.query_one("#verdict", Paragraphs)

    def _is_known(self, found: Question) -> bool:
        key = self._opener.state.key
        return (key, found.key) in self._answered or found.content in self._known

    def _question(self, command: Command) -> Question | None:
        player = self._opener.state.player
        recording, here = player.recording, player.position
        if recording is None or player.at_end:
            return None
        if here.nodes is None:
            asked = line_question(recording, here.lines, _predictions(self._opener.state.key))
            entered = positions.backward_at(recording, Position(here.lines + 1))
            if entered is None or (command == "next" and asked is not None):
                return asked
        elif command == "next":
            return None
        return self._of_pass(player, STEPS[command](player), leaves=command == "next")

    def _of_pass(self, before: Player, after: Player, *, leaves: bool) -> Question | None:
        """What to ask of the next node; of a whole pass of the first leaf that can be asked about.

        `after` is where the step leads.
        """
        graph, gradients = after.graph, after.backward_pass.gradients
        first = before.position.nodes or 0
        if graph is None or (after.moment is not None and after.moment.backward is None):
            return None
        subject = self._opener.subject
        for index in range(first, len(gradients) if leaves else min(first + 1, len(gradients))):
            node = graph.nodes[gradients[index].node]
            if leaves and not node.is_leaf:
                continue
            known = known_of(after, graph, node, subject, ready=self._ready and not node.is_leaf)
            key = f"pass {after.moment.backward if after.moment else 0}.{index}"
            found = node_question(key, graph, gradients[index], known.rules or ())
            if found is not None:
                return found
        return None

    def _select(self, node: int | None) -> None:
        """Select the node that is asked about, where the graph on the screen has it."""
        widget = self._pane.query_one(GraphWidget)
        if node is not None and widget.graph is not None and node < len(widget.graph.nodes):
            widget.selected = node

    def _score(self, key: str, question: Question, *, right: bool) -> None:
        self.scores = self.scores.after(key, question.key, right=right)
        if right:
            self._known.add(question.content)
        if find(key) is not None:
            self._show_scores()
            self._in_thread(lambda: keep_answer(self._path(), key, question.key, right=right))

    def _in_thread(self, work: Callable[[], Scores]) -> None:
        """Read or write the file, and show the scores that it has then; after a failure no more."""

        def run() -> None:
            with self._file:
                try:
                    scores = work()
                except ScoreError as error:
                    self._pane.app.call_later(self._fail, str(error))
                else:
                    self._pane.app.call_later(self._take_scores, scores)

        if self._kept:
            self._pane.run_worker(run, thread=True, group="scores")

    def _fail(self, why: str) -> None:
        if self._kept:
            self._kept = False
            self._pane.app.notify(why, severity="warning", timeout=8)

    def _take_scores(self, scores: Scores) -> None:
        """Show what the file has, with what was answered here of one's own scripts."""
        self.scores = Scores({**self.scores.lessons, **scores.lessons})
        self._show_scores()

    def _show_scores(self) -> None:
        self._pane.query_one(LessonList).show_scores(self.scores.texts)


@cache
def _predictions(key: str) -> Sequence[LinePrediction]:
    """The questions of a lesson; none of anything else."""
    lesson = find(key)
    return () if lesson is None else predictions_of(lesson)
