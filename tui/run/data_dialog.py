"""A file to learn from, as a form: which columns, which rows, and in which units."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, Static

from engine.data.cells import listed
from engine.data.column_choice import Selection
from engine.data.source import ProblemError, Table, TableError
from engine.training.problem import Problem
from tui.kit.dialog import Dialog
from tui.kit.fields import Fields
from tui.kit.text import safe
from tui.kit.text_input import Line
from tui.run.data_form import DATA_FIELDS, OF_THE_FILE, DataChoice, as_typed, chosen, with_lines
from tui.run.read_progress import found

_NOTES = 24
"""Lines about how a file is read that the form shows at most; page keys scroll."""


def selected_columns(choice: DataChoice, go: bool) -> Selection | None:
    """What of the file would be read; None where that cannot be known before it is read."""
    from engine.data.table_cache import columns  # numpy

    try:
        regular, there = choice.path.is_file(), choice.path.exists()
    except (OSError, ValueError):
        regular, there = True, True  # reading says what is wrong
    if regular or (go and (not there or choice.path.is_dir())):
        return columns(choice.path, choice.wish)
    return None


def summary(columns: Selection) -> tuple[str, ...]:
    """Which column is learned from which, which are not used, and what was found, a line each."""
    used = {columns.target, *columns.features}
    words = f"learns {columns.target} from {listed(columns.features)}"
    others = [name for name in columns.names if name not in used]
    if others:
        words += f"; not used: {listed(others)}"
    return words, *columns.notes


class DataScreen(Dialog[DataChoice | None]):
    """Dismissed with what to read, once the file's first lines have those columns.

    `read` is `selected_columns` or a function that does the same; raises ProblemError.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
    ]

    def __init__(
        self,
        problem: Problem,
        read: Callable[[DataChoice, bool], Selection | None] = selected_columns,
        *,
        typed: DataChoice | None = None,
        refused: str = "",
    ) -> None:
        """Ask anew where a choice was `typed` before, but `refused`."""
        super().__init__()
        self._source = problem.source
        self._refused = refused
        self._read = read
        self._texts = (
            {field.name: field.read(problem) for field in DATA_FIELDS}
            if typed is None
            else as_typed(typed)
        )

    def compose(self) -> ComposeResult:
        """A line a field; below, what is wrong or what would be learned from what."""
        with Fields(classes="dialog form") as dialog:
            dialog.border_title = "open data"
            dialog.border_subtitle = "enter reads · escape cancels"
            for field in DATA_FIELDS:
                with Horizontal(classes="field"):
                    yield Label(field.label)
                    text = self._texts[field.name]
                    yield Line(text, placeholder=field.hint, id=field.name)
            yield Static(safe(with_lines(self._refused)), markup=False, classes="problem")

    @on(Input.Changed, "#path")
    def _forget_columns(self, event: Input.Changed) -> None:
        """Those of the file before; another one has its own."""
        if event.value != self._texts["path"]:
            for name in OF_THE_FILE:
                field = self.query_one(f"#{name}", Input)
                if field.value == self._texts[name]:
                    field.value = ""

    @on(Input.Changed)
    def _expect(self) -> None:
        # Fields that are mounted with a text say so: that is nothing that was typed.
        texts = {field.id or "": field.value for field in self.query(Input)}
        if not self._refused or texts != self._texts:
            self._look(go=False)

    @on(Input.Submitted)
    def _apply(self, event: Input.Submitted) -> None:
        event.stop()
        self._look(go=True)

    @work(exclusive=True)
    async def _look(self, *, go: bool) -> None:
        """Say what the file's first lines allow; go, where they do.

        A file that is still being typed is not there, which says nothing. What is no regular
        file is read only once.
        """
        words = Content()
        texts = {field.id or "": field.value for field in self.query(Input)}
        try:
            choice = chosen(texts)
            columns = await to_thread(self._read, choice, go)
        except TableError as error:
            words = Content(safe(with_lines(str(error))))
        except ProblemError as error:
            if go or texts["path"]:
                words = Content(safe(str(error)))
        else:
            if go:
                self.dismiss(choice)
            elif isinstance(self._source, Table) and texts == self._texts:
                words = _listed(found(self._source))
            elif columns is not None:
                words = _listed(summary(columns))
        for line in self.query(".problem").results(Static):  # none where the app has been closed
            line.update(words)


def _listed(lines: tuple[str, ...]) -> Content:
    """What there is to say about a file, a line each."""
    first, *notes = lines
    more = len(notes) - _NOTES
    rest = [f"and {more:,} more"] * (more > 0)
    shown = (safe(with_lines(line)) for line in (*notes[:_NOTES], *rest))
    return Content.styled("\n· ".join((safe(first), *shown)), "$muted")
