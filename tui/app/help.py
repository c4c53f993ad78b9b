"""The help: what each screen shows, and every key that works, made from the bindings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.kit.dialog import Dialog

INTRODUCTION = """\
[b]1 Graph[/b]  runs a lesson line by line and draws its autograd graph. [b]n[/b] runs the next \
line; at a line that calls backward, [b]s[/b] goes through it node by node. Capitals go back.
[b]2 Train[/b]  steps gradient descent: [b]n[/b] a whole iteration, [b]s[/b] line by line, \
[b]space[/b] plays, [b]c[/b] runs to the end. Capitals go back, exactly.
[b]3 Chart[/b]  draws the same run: the points red, the fitted line blue; [b]v[/b] for more.
Of a script of your own both show its passes: [b]n[/b] the next one, [b]enter[/b] its graph.
[b]ctrl+p[/b]  finds commands: data from a CSV file, sessions, the device, and more.
[$leaf]Green[/] is a leaf (double frame), [$operation]blue[/] an operation, \
[$gradient]orange[/] a gradient, and reversed is where you are."""


class HelpScreen(Dialog[None]):
    """Any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "Close", show=False)
    ]

    def __init__(self, bindings: Mapping[str, ActiveBinding]) -> None:
        super().__init__()
        self._rows = _rows(bindings)

    def compose(self) -> ComposeResult:
        """Yield the introduction and, below it, the tables of keys, in one scrollable box."""
        with VerticalScroll(id="help") as box:
            box.border_title = "help"
            box.border_subtitle = "escape closes"
            yield Static(Content.from_markup(INTRODUCTION), classes="help-words")
            yield Static(self._table())

    def _table(self) -> Content:
        width = max(cell_len(keys) for keys, _ in self._rows)
        lines = [
            Content.assemble((keys.rjust(width), "bold $accent"), "  ", words)
            for keys, words in self._rows
        ]
        return Content("\n").join(lines)


def _rows(bindings: Mapping[str, ActiveBinding]) -> list[tuple[str, str]]:
    """Keys and what they do; several keys of one action share a row."""
    keys: dict[str, list[str]] = {}
    for binding in (active.binding for active in bindings.values()):
        if binding.action.startswith("screen."):
            continue
        words = binding.description
        if binding.tooltip:
            words += f": {binding.tooltip}"
        if words:
            keys.setdefault(words, []).append(_key(binding))
    return [(" ".join(dict.fromkeys(names)), words) for words, names in keys.items()]


def _key(binding: Binding) -> str:
    names = {"question_mark": "?", "less_than_sign": "<", "greater_than_sign": ">"}
    return binding.key_display or names.get(binding.key, binding.key)
