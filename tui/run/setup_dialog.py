"""The setup of a run as a form: what is trained, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import DescendantFocus
from textual.widgets import Input, Label, Static

from engine.data.source import ProblemError
from engine.training.convergence import is_at_limit, is_too_large, largest_rate
from engine.training.problem import Problem
from engine.training.theory import Theory, rounded_down
from tui.kit.dialog import Dialog
from tui.kit.fields import Fields
from tui.kit.text import safe
from tui.kit.text_input import Line
from tui.run.forms import edited, fields_of
from tui.run.rates import Offer, offers

BEGIN, BEGINNING, HERE = "begin", "the beginning", "here"
START_HINT = f"{HERE} or {BEGINNING}"
APPLIES = "enter applies"
KEYS = f"{APPLIES} · escape cancels"


class Setup(NamedTuple):
    """What is trained from now on."""

    problem: Problem
    anew: bool
    """Whether it starts from the beginning."""


class ExperimentScreen(Dialog[Setup | None]):
    """Dismissed with the changed problem, or with None by escape or where nothing changed.

    `edit` applies the texts of the fields, by name, to a problem; raises ProblemError. `done`: how
    many iterations the run has done, beyond which a change may go on or start anew.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("ctrl+r", "offer", "Rate", tooltip="the next rate that theory offers"),
    ]

    def __init__(
        self,
        problem: Problem,
        theory: Theory | None,
        edit: Callable[[Problem, dict[str, str]], Problem] = edited,
        done: int = 0,
    ) -> None:
        super().__init__()
        self._edit, self._done = edit, done
        self._problem, self._theory = problem, theory

    def compose(self) -> ComposeResult:
        """A line a field; below, what is wrong or what to expect."""
        with Fields(classes="dialog form") as dialog:
            dialog.border_title = "setup"
            dialog.border_subtitle = KEYS
            for field in fields_of(self._problem):
                with Horizontal(classes="field"):
                    yield Label(field.label)
                    text = field.read(self._problem)
                    yield Line(text, placeholder=field.hint, id=field.name)
            if self._done:
                with Horizontal(classes="field"):
                    yield Label("start from")
                    at_end = self._done >= self._problem.target
                    yield Line(BEGINNING if at_end else HERE, placeholder=START_HINT, id=BEGIN)
            yield Static(markup=False, classes="offers")
            yield Static(markup=False, classes="problem")

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Say below what the field takes, since its own hint is hidden while it has a text."""
        hint = event.widget.placeholder if isinstance(event.widget, Input) else ""
        dialog = self.query_one(".dialog")
        words = f"{hint} · {KEYS}" if hint else KEYS
        fits = len(words) <= (dialog.content_size.width or len(words))  # none before the layout
        dialog.border_subtitle = words if fits else f"{hint} · {APPLIES}"

    def action_offer(self) -> None:
        """Type the next of the offered learning rates."""
        field, rates = self.query_one("#learning_rate", Input), self._offers()
        texts = [offer.text for offer in rates]
        if texts:
            next_one = texts.index(field.value) + 1 if field.value in texts else 0
            field.value = texts[next_one % len(texts)]
            field.action_select_all()  # what is typed next replaces all of it

    def _offers(self) -> tuple[Offer, ...]:
        """The rates for what is typed otherwise; none while that is wrong or of other data."""
        try:
            problem = self._edited()
        except ProblemError:
            problem = self._problem
        return offers(self._theory, problem) if problem.source == self._problem.source else ()

    @on(Input.Changed)
    def _expect(self) -> None:
        """Show why the fields are invalid, or warn that the learning rate would diverge."""
        rates = "\n".join(f"  {text:<10} {formula}" for text, formula in self._offers())
        self.query_one(".offers", Static).update(
            f"ctrl+r: rates that converge\n{rates}" if rates else ""
        )
        words = self.query_one(".problem", Static)
        try:
            problem = self._edited()
        except ProblemError as error:
            words.update(safe(str(error)))
            return
        warning = ""
        if self._theory is not None and problem.source == self._problem.source:
            limit = largest_rate(problem, self._theory)
            if not limit:
                warning = "will diverge: without zeroing no rate is stable with momentum"
            elif is_too_large(problem, self._theory):
                will = "not converge" if is_at_limit(problem, self._theory) else "diverge"
                stable = rounded_down(limit)
                warning = f"will {will}: the largest stable learning rate is {stable}"
        words.update(warning)

    @on(Input.Submitted)
    def _apply(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            problem = self._edited()
        except ProblemError:
            return  # `_expect` says what is wrong
        self.dismiss(None if problem == self._problem else Setup(problem, self._starts_anew()))

    def _edited(self) -> Problem:
        texts = {field.id or "": field.value for field in self.query(Input)}
        problem = self._edit(self._problem, texts)
        self._starts_anew()
        return problem

    def _starts_anew(self) -> bool:
        """Whether to start from the beginning; raises ProblemError."""
        field = self.query_one_optional(f"#{BEGIN}", Input)
        word = field.value.strip().lower() if field else HERE
        if not word or not (BEGINNING.startswith(word) or HERE.startswith(word)):
            raise ProblemError(f"start from: {START_HINT}, not {word!r}")
        return BEGINNING.startswith(word)
