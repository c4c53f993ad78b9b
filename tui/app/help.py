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

from tui.app.help_table import groups, lines_of
from tui.kit.dialog import Dialog

MAX_WIDTH = 84
"""Columns of the box, as in the stylesheet."""
FRAME = 7
"""Columns of its border, padding and scroll bar."""
KEYS_WIDTH = 16
"""Most columns of keys beside words."""
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
        self._groups = groups(bindings)

    def compose(self) -> ComposeResult:
        """Yield the introduction and, below it, the tables of keys, in one scrollable box."""
        with VerticalScroll(id="help") as box:
            box.border_title = "help"
            box.border_subtitle = "escape closes"
            yield Static(Content.from_markup(INTRODUCTION), classes="help-words")
            yield Static(self._table())

    def _table(self) -> Content:
        width = min(int(self.app.size.width * 0.9), MAX_WIDTH) - FRAME
        rows = [row for group in self._groups.values() for row in group]
        keys_width = min(max(cell_len(row.keys) for row in rows), KEYS_WIDTH)
        lines = []
        for group, members in self._groups.items():
            lines.append(Content.assemble((group, "bold")))
            lines += [
                Content.assemble((keys, "bold $accent"), "  ", words)
                for row in members
                for keys, words in lines_of(row, keys_width, width)
            ]
            lines.append(Content(""))
        return Content("\n").join(lines[:-1])
