"""The text of a lesson or a script to be changed: Textual's editor, in place of the source."""

from __future__ import annotations

from importlib.util import find_spec
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.reactive import var
from textual.widgets import TextArea

from tui.graph.edit.colours import editor_theme
from tui.graph.edit.syntax_check import Problem
from tui.graph.messages import EditorLeft, RunAsked
from tui.kit import styles
from tui.kit.heading import Heading
from tui.kit.key_ids import with_ids
from tui.kit.text import safe

KEYS = "ctrl+r runs · escape leaves"


class Editor(TextArea):
    """Edits Python; what Python cannot read is said at its line until something is typed."""

    BINDINGS: ClassVar[list[BindingType]] = with_ids(
        [
            Binding(
                "ctrl+r,ctrl+s",
                "run",
                "Run",
                priority=True,
                id="edit-run",
                tooltip="the text as it is here, and go to the same place",
            ),
            Binding(
                "escape",
                "leave",
                "Leave",
                priority=True,
                id="edit-leave",
                tooltip="the editor; the text is kept as your version",
            ),
            Binding(
                "ctrl+o",
                "original",
                "Original text",
                priority=True,
                id="edit-original",
                tooltip="in place of all of this; ctrl+z takes it back",
            ),
        ]
    )
    DEFAULT_CSS = """
    Editor {
        border: none;
        padding: 0;
        height: 1fr;
        background: $background;
    }
    Editor:focus { border: none; }
    """

    problem: var[Problem | None] = var(None)
    """What Python cannot read."""

    def __init__(self) -> None:
        python = all(map(find_spec, ("tree_sitter", "tree_sitter_python")))
        super().__init__(
            show_line_numbers=True,
            tab_behavior="indent",
            soft_wrap=False,
            language="python" if python else None,
            compact=True,
        )
        self.cursor_blink = False
        self.original = ""
        self._given: dict[str, str] = {}
        """Texts that were put in, by what became of them: other ends of lines may be lost."""

    def on_mount(self) -> None:
        """Take the colours of the app, also when its theme changes."""
        self._take_colours()
        self.app.theme_changed_signal.subscribe(self, lambda _: self._take_colours())

    def begin(self, text: str, original: str, line: int) -> None:
        """Show a text with the cursor at the beginning of a line, from 1, as far as there is."""
        self.original = original
        self.problem = None
        self._given = {}
        for given in (original, text):
            self.load_text(given)
            self._given[self.text] = given
        self._go_to(line, 1)
        self.screen.set_focus(self)

    @property
    def content(self) -> str:
        """The text as it is; one that was put in and not changed is as it was."""
        return self._given.get(self.text, self.text)

    def say(self, problem: Problem) -> None:
        """Say at its line what Python cannot read, with the cursor there."""
        self.problem = problem
        self._go_to(problem.line, problem.column)

    def watch_problem(self) -> None:
        """Write it at its line, or take it away there."""
        self._line_cache.clear()
        self.refresh()

    def get_line(self, line_index: int) -> Text:
        """Return a line, safe to show, with what is wrong in it."""
        line = super().get_line(line_index)
        if self.problem is not None and line_index == self.problem.line - 1:
            style = styles.style("error", self.app.theme_variables)
            line.append(f"   ✗ {safe(self.problem.message)}", style)
        return line

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Return whether a key types something: a slash does, too, whose name Textual lacks."""
        return key == "slash" or super().check_consume_key(key, character)

    def action_run(self) -> None:
        """Ask for the text to be run."""
        self.post_message(RunAsked(self.content))

    def action_leave(self) -> None:
        """Ask for the editor to be left."""
        self.post_message(EditorLeft(self.content))

    def action_original(self) -> None:
        """Put the original's text in place of this one, as if it were typed."""
        row = self.cursor_location[0]
        self.replace(self.original, (0, 0), self.document.end)
        self._go_to(row + 1, 1)

    @on(TextArea.Changed)
    def _forget_problem(self) -> None:
        self.problem = None

    def _go_to(self, line: int, column: int) -> None:
        row = min(line, self.document.line_count) - 1
        self.move_cursor((row, min(column - 1, len(self.document.get_line(row)))))
        self.call_after_refresh(self.scroll_cursor_visible, center=True)

    def _take_colours(self) -> None:
        self.register_theme(editor_theme(self.app.theme_variables))
        self.theme = "linreg"
        self._set_theme("linreg")


class EditorPane(Vertical):
    """The editor under a heading that says what is changed and which keys do what."""

    DEFAULT_CSS = """
    EditorPane { height: 1fr; }
    EditorPane.-problem Heading { color: $error; }
    """
    _title = ""

    def compose(self) -> ComposeResult:
        """Yield the heading, and the text below it."""
        yield Heading(id="editor-heading")
        yield Editor()

    @property
    def editor(self) -> Editor:
        """The widget in which the text is changed."""
        return self.query_one(Editor)

    def on_mount(self) -> None:
        """Say in the heading, too, what Python cannot read: a long line hides it."""
        self.watch(self.editor, "problem", self._show_heading, init=False)

    def begin(self, title: str, text: str, original: str, line: int) -> None:
        """Show a text, under a safe title, with the cursor at a line, from 1."""
        self._title = title
        self.editor.begin(text, original, line)
        self._show_heading()

    def _show_heading(self) -> None:
        problem = self.editor.problem
        self.set_class(problem is not None, "-problem")
        title = f"✗ line {problem.line}: {safe(problem.message)}" if problem else self._title
        self.query_one(Heading).show(title, KEYS)
