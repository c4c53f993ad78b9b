"""One line to type what is searched, and how many nodes have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input, Static

from tui.kit.text_input import Line


@dataclass
class SearchLeft(Message):
    """Posted when the search is left and the keys go back to the graph."""

    keep: bool
    """Whether the hits stay marked."""


@dataclass
class HitWanted(Message):
    """Posted to select the next hit of the search, or with -1 the previous one."""

    step: int


class SearchBar(Horizontal):
    """Shown while something is searched; `words` are watched, not posted.

    So what is found stands on the screen as soon as the letter that was typed.
    """

    DEFAULT_CSS = """
    SearchBar {
        height: 1;
        display: none;
        background: $panel;
        Input { width: 1fr; background: $panel; }
        .slash { width: 3; color: $accent; text-style: bold; }
        .count {
            width: 20;
            padding: 0 1;
            color: $muted;
            text-align: right;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        &.-open { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave(False)", "Leave the search"),
        Binding("up", "walk(-1)", "Previous hit", show=False),
        Binding("down", "walk(1)", "Next hit", show=False),
    ]

    words: var[str] = var("")

    def compose(self) -> ComposeResult:
        """A slash, the line to type in, and the count of hits."""
        yield Static(" / ", classes="slash")
        yield Line(placeholder="op, name, module, shape, nan")
        yield Static("", classes="count", markup=False)

    def on_mount(self) -> None:
        """Take every change of the line over into `words`."""
        self.watch(self.query_one(Line), "value", self._take, init=False)

    def open(self) -> None:
        """Show the line and give it the focus, with the last words selected."""
        self.add_class("-open")
        self.screen.set_focus(self.query_one(Line))

    def close(self) -> None:
        """Hide the line and empty it."""
        self.remove_class("-open")
        self.query_one(Line).value = ""

    def count(self, text: str) -> None:
        """Write how many hits there are, as `3 of 17`, at the right of the line."""
        count = self.query_one(".count", Static)
        if text != count.content:  # most moves of the cursor are none of a search
            count.update(text, layout=False)

    def action_leave(self, keep: bool) -> None:
        """Post SearchLeft, which gives the keys back to the graph."""
        self.post_message(SearchLeft(keep))

    def action_walk(self, step: int) -> None:
        """Post HitWanted for the next hit, or with -1 the previous one."""
        self.post_message(HitWanted(step))

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(SearchLeft(keep=True))

    def _take(self, value: str) -> None:
        self.words = value
