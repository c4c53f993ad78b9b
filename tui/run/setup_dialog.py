"""The experiment as a form: what is trained, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Label, Static

from engine.data.source import ProblemError
from engine.training.problem import Problem
from engine.training.theory import Theory, rounded_down
from tui.kit.dialog import Dialog
from tui.kit.text import safe
from tui.kit.text_input import Line
from tui.run.forms import edited, fields_of


class ExperimentScreen(Dialog[Problem | None]):
    """Dismissed with the changed problem, or with None by escape or where nothing changed.

    `edit` applies the texts of the fields, by name, to a problem; raises ProblemError.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("up", "app.focus_previous", "Field above", show=False),
        Binding("down", "app.focus_next", "Field below", show=False),
    ]

    def __init__(
        self,
        problem: Problem,
        theory: Theory | None,
        edit: Callable[[Problem, dict[str, str]], Problem] = edited,
    ) -> None:
        super().__init__()
        self._edit = edit
        self._problem, self._theory = problem, theory

    def compose(self) -> ComposeResult:
        """A line a field; below, what is wrong or what to expect."""
        with VerticalScroll(classes="dialog", can_focus=False) as dialog:
            dialog.border_title = "experiment"
            dialog.border_subtitle = "enter applies · escape cancels"
            for field in fields_of(self._problem):
                with Horizontal(classes="field"):
                    yield Label(field.label)
                    text = field.read(self._problem)
                    yield Line(text, placeholder=field.hint, id=field.name)
            yield Static(markup=False, classes="problem")

    @on(Input.Changed)
    def _expect(self) -> None:
        """Show why the fields are invalid, or warn that the learning rate would diverge."""
        words = self.query_one(".problem", Static)
        try:
            problem = self._edited()
        except ProblemError as error:
            words.update(safe(str(error)))
            return
        warning = ""
        if self._theory is not None and problem.source == self._problem.source:
            limit = self._theory.stable_rate(problem.momentum, zeroing=problem.zeroing)
            if not limit:
                warning = "will diverge: without zeroing no rate is stable with momentum"
            elif problem.learning_rate >= limit:
                warning = f"will diverge: the largest stable learning rate is {rounded_down(limit)}"
        words.update(warning)

    @on(Input.Submitted)
    def _apply(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            problem = self._edited()
        except ProblemError:
            return  # `_expect` says what is wrong
        self.dismiss(None if problem == self._problem else problem)

    def _edited(self) -> Problem:
        texts = {field.id or "": field.value for field in self.query(Input)}
        return self._edit(self._problem, texts)
