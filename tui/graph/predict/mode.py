"""Asking before a step, taking the answer, and saying what is to be said of it."""

from __future__ import annotations

from typing import NamedTuple

from tui.graph.graph_widget import GraphWidget
from tui.graph.player_steps import STEPS
from tui.graph.predict.panel import QuestionPanel
from tui.graph.predict.question import AnswerChoice, Question
from tui.graph.predict.score_keeper import ScoreKeeper
from tui.graph.predict.verdict import verdict
from tui.graph.subjects.opener import Opener
from tui.kit.paragraphs import Paragraphs
from tui.kit.tab_pane import Pane
from tui.run.messages import Command

ASKING = "-asking"
"""The class of the pane while there is a question."""
PREDICTING = "-predicting"
"""The class of the pane while steps are asked about."""


class Asked(NamedTuple):
    """A question on the screen, and the step that shows the answer."""

    question: Question
    command: Command


class PredictMode:
    """Owned by the pane of the Graph tab; all methods are for the UI thread."""

    def __init__(self, opener: Opener, pane: Pane) -> None:
        self._opener, self._pane = opener, pane
        self.on = False
        """Whether steps are asked about."""
        self.keeper = ScoreKeeper(pane)
        self._ready = False
        """Whether torch is there, by which rules are evaluated."""
        self._asked: Asked | None = None
        self._answered: set[tuple[str, str]] = set()
        """Questions that are not asked again, each with the key of what it was asked of."""
        self._known: set[tuple[str, ...]] = set()
        """The content of questions that were answered right."""

    @property
    def words(self) -> str:
        """What the heading says: that steps are asked about, and the score of what is open."""
        score = self.keeper.scores.text(self._opener.state.key).replace("/", " of ")
        return f" · predict {score}".rstrip() if self.on else ""

    def begin(self) -> None:
        """Read the scores, once torch is there."""
        self._ready = True
        self.keeper.read()

    def switch(self) -> None:
        """Ask before steps from now on, or no longer."""
        self.on = not self.on
        self._pane.set_class(self.on, PREDICTING)
        self.withdraw()

    def forget_answers(self, key: str) -> None:
        """Ask everything of a lesson again: it is opened anew."""
        self._answered = {one for one in self._answered if one[0] != key}
        self._known.clear()

    def asks(self, command: Command) -> bool:
        """Ask about what a step will show, if there is something to ask; return whether it does."""
        if self._asked is not None:
            self._pane.screen.set_focus(self._panel.line)
            return True
        opener = self._opener
        key, player = opener.state.key, opener.state.player
        if not self.on:
            return False
        from tui.graph.predict.next_question import next_question  # no first frame needs it

        found = next_question(player, command, key, opener.subject, ready=self._ready)
        if found is None or (key, found.key) in self._answered or found.content in self._known:
            return False
        self._asked = Asked(found, command)
        self._verdict.show(())
        self._pane.add_class(ASKING)
        self._mark(found.node)
        self._panel.ask(found)
        return True

    def take(self, choice: AnswerChoice | None) -> None:
        """Take an answer, None where none was given, and show the step with what is to be said."""
        if self._asked is None:
            return
        (question, command), key = self._asked, self._opener.state.key
        self.withdraw()
        self._answered.add((key, question.key))
        right = choice is question.right
        if choice is not None:
            self.keeper.add(key, question.key, right=right)
        if right:
            self._known.add(question.content)
        self._opener.go(STEPS[command](self._opener.state.player))
        self._verdict.show(verdict(question, choice))

    def withdraw(self) -> None:
        """Take the question away, or what was said of the last answer: one is somewhere else."""
        if self._asked is not None:
            self._asked = None
            self._pane.remove_class(ASKING)
            self._pane.query_one(GraphWidget).ask(None)
            self._pane.focus()
        self._verdict.show(())

    @property
    def _panel(self) -> QuestionPanel:
        return self._pane.query_one(QuestionPanel)

    @property
    def _verdict(self) -> Paragraphs:
        return self._pane.query_one("#verdict", Paragraphs)

    def _mark(self, node: int | None) -> None:
        """Select the node that is asked about, where the graph on the screen has it."""
        widget = self._pane.query_one(GraphWidget)
        if node is not None and widget.graph is not None and node < len(widget.graph.nodes):
            widget.selected = node
            widget.ask(node)
