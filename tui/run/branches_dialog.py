"""The branches of an experiment: look, switch, rename, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.training.branches import BranchError, Experiment, delete, rename, switch
from tui.kit.dialog import Dialog
from tui.kit.option_list import Choices
from tui.kit.prompt import PromptScreen
from tui.kit.text import safe
from tui.run.branch_table import table
from tui.run.theories import Theories


class BranchScreen(Dialog[Experiment]):
    """Dismissed with the experiment as it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,B", "close", "Close"),
        Binding("delete,backspace", "delete", "Delete", show=False),
        Binding("m", "rename", "Rename", show=False),
    ]

    def __init__(self, experiment: Experiment, theories: Theories) -> None:
        super().__init__()
        self._experiment, self._theories = experiment, theories

    def compose(self) -> ComposeResult:
        """The comparison as a list to choose from."""
        with Vertical(classes="dialog wide") as dialog:
            dialog.border_title = "branches"
            dialog.border_subtitle = "enter goes on there · m renames · delete · escape closes"
            yield Static(id="branch-heading")
            yield Choices(compact=True, classes="choices")
            yield Static(markup=False, classes="problem")

    def on_mount(self) -> None:
        """List the branches, the current one under the cursor."""
        self._list(self._experiment.current)

    def action_close(self) -> None:
        """Dismiss the dialog with the experiment, as edited so far."""
        self.dismiss(self._experiment)

    def action_delete(self) -> None:
        """Delete the branch under the cursor."""
        self._try(lambda name: delete(self._experiment, name))

    def action_rename(self) -> None:
        """Ask for a name for the one under the cursor."""
        name = self._chosen

        def renamed(text: str) -> Experiment:
            return rename(self._experiment, name, text)

        def take(new: str | None) -> None:
            if new:
                self._try(lambda _: renamed(new))

        # A callback, and not a worker: it has run before the next key can close this dialog.
        self.app.push_screen(PromptScreen("rename branch", "a name", renamed, name), take)

    @on(OptionList.OptionSelected)
    def _switch(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._experiment = switch(self._experiment, self._chosen)
        self.action_close()

    @property
    def _chosen(self) -> str:
        index = self.query_one(OptionList).highlighted or 0
        return self._experiment.branches[index].name

    def _try(self, change: Callable[[str], Experiment]) -> None:
        index = self.query_one(OptionList).highlighted or 0
        problem = ""
        try:
            self._experiment = change(self._chosen)
        except BranchError as error:
            problem = safe(str(error))
        self.query_one(".problem", Static).update(problem)
        self._list(index)

    def _list(self, index: int) -> None:
        heading, *rows = (
            "".join(span.text for span in row) for row in table(self._experiment, self._theories)
        )
        self.query_one("#branch-heading", Static).update(Content.styled(heading, "$faint"))
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options([Option(Content(row)) for row in rows])
        choices.highlighted = min(index, len(rows) - 1)
