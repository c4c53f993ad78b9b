"""The question before a step, where the node's details come afterwards: it covers no graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.graph.predict.question import LETTERS, AnswerChoice, Question, judge
from tui.kit.text import safe
from tui.kit.text_input import Line

LOW = 13
"""In fewer rows than these the question is a strip, several things beside each other."""
BETWEEN = "   "


@dataclass
class PredictionMade(Message):
    """Posted with the answer that was chosen or typed; None where it is only to be shown."""

    choice: AnswerChoice | None


@dataclass
class LetterClicked(Message):
    """Posted by one of the answers when it is clicked, with its letter."""

    letter: str


class ChoiceLine(Static):
    """One answer with its letter; a click is as good as the letter."""

    def __init__(self, letter: str) -> None:
        super().__init__()
        self._letter = letter

    def show_choice(self, choice: AnswerChoice | None) -> None:
        """Show an answer; None takes no room."""
        self.display = choice is not None
        if choice is not None:
            self.update(Content.assemble((self._letter, "bold $accent"), "  ", choice.text))

    def on_click(self, event: events.Click) -> None:
        """Post the letter of the answer that was clicked."""
        event.stop()
        self.post_message(LetterClicked(self._letter))


class QuestionPanel(Vertical):
    """Asks one question; posts `PredictionMade`. An answer nobody has foreseen may be mended."""

    DEFAULT_CSS = """
    QuestionPanel {
        display: none;
        height: 1fr;
        padding: 0 1;
        & .asks { height: auto; margin: 0 0 1 0; }
        & .answers { layout: grid; grid-size: 1; grid-rows: auto; height: auto; }
        & .typed { height: auto; layout: vertical; margin: 1 0 0 0; }
        & Line { width: 1fr; background: $surface; }
        & .problem { height: auto; }
        &.-strip .asks { max-height: 2; margin: 0; }
        &.-strip .answers { grid-size: 2; grid-gutter: 0 1; }
        &.-strip .typed { layout: horizontal; height: 1; margin: 0; }
        &.-strip Line { width: 36; }
        &.-strip .problem { width: 1fr; margin: 0 0 0 2; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "reveal", "Show the answer", tooltip="without one of your own"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._asked: Question | None = None
        self._typed = ""
        """What stood in the line before it was changed."""

    def compose(self) -> ComposeResult:
        """The question, the answers to choose from, and the line to type another in."""
        yield Static(classes="asks")
        with Container(classes="answers"):
            yield from map(ChoiceLine, LETTERS)
        with Container(classes="typed"):
            yield Line(id="answer")
            yield Static(markup=False, classes="problem")

    @property
    def line(self) -> Line:
        """The line in which an answer is typed."""
        return self.query_one(Line)

    def ask(self, asked: Question) -> None:
        """Show a question, and take the keys."""
        self._asked = asked
        if isinstance(self.parent, Widget):  # it has no size of its own while it is hidden
            self._write(self.parent.size)
        count = len(asked.choices)
        for place, line in enumerate(self.query(ChoiceLine)):
            line.show_choice(asked.choices[place] if place < count else None)
        self.line.value = ""
        self.line.placeholder = f"a–{LETTERS[count - 1]}, or type it · escape shows it"
        self._say("")
        self.line.focus()

    def on_resize(self) -> None:
        """Write the question as there is room now."""
        self._write(self.size)

    def action_reveal(self) -> None:
        """Show the answer without having given one."""
        self.post_message(PredictionMade(None))

    @on(Input.Changed)
    def _choose_letter(self, event: Input.Changed) -> None:
        event.stop()
        self._say("")
        mended = len(self._typed) > 1 and self._typed.startswith(event.value)
        self._typed = event.value
        if not mended:  # what is left of `bad` is not b
            self._choose(event.value)

    @on(LetterClicked)
    def _choose_clicked(self, message: LetterClicked) -> None:
        message.stop()
        self._choose(message.letter)

    @on(Input.Submitted)
    def _judge(self, event: Input.Submitted) -> None:
        event.stop()
        if self._asked is None or not event.value.strip():
            self.action_reveal()
            return
        try:
            choice = judge(self._asked, event.value)
        except ValueError as problem:
            self.line.select_all()  # to be mended, or typed over
            self._say(safe(str(problem)))
        else:
            self.post_message(PredictionMade(choice))

    def _choose(self, letter: str) -> None:
        choices = self._asked.choices if self._asked is not None else ()
        if len(letter) == 1 and letter in LETTERS[: len(choices)]:
            self.post_message(PredictionMade(choices[LETTERS.index(letter)]))

    def _say(self, problem: str) -> None:
        self.query_one(".problem", Static).update(problem)

    def _write(self, room: Size) -> None:
        """Write what is asked and what is known, one below the other or as it fits in a strip."""
        strip = room.height < LOW
        self.set_class(strip, "-strip")
        if self._asked is None:
            return
        pieces = [safe(self._asked.asks), *map(safe, self._asked.facts)]
        lines = _filled(pieces, room.width - 2) if strip else pieces
        words = (
            Content("\n".join(lines))
            .stylize("$muted")
            .stylize("bold $foreground", 0, len(pieces[0]))
        )
        self.query_one(".asks", Static).update(words)


def _filled(pieces: Sequence[str], width: int) -> list[str]:
    """Lines of as many whole pieces as fit."""
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if cell_len(lines[-1] + BETWEEN + piece) <= width:
            lines[-1] += BETWEEN + piece
        else:
            lines.append(piece)
    return lines
