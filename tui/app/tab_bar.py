"""One row: the tabs with their keys, and the facts of the machine at the right."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.app.messages import TabChosen
from tui.kit.text import fit

TABS = ("graph", "train", "chart")


class TabBar(Widget):
    """Posts `TabChosen` when a tab is clicked."""

    DEFAULT_CSS = """
    TabBar { height: 1; background: $panel; color: $muted; }
    """

    current: reactive[str] = reactive(TABS[0])
    facts: reactive[str] = reactive("")
    """What it runs on, in one line."""
    reading: reactive[str] = reactive("")
    """How much of a file is read; empty while none is."""

    def render(self) -> Content:
        """The current tab reversed; facts only where there is room."""
        parts = [
            Content.styled(label, "bold reverse" if name == self.current else "")
            for name, label in _labels()
        ]
        left = Content("").join(parts)
        room = self.size.width - left.cell_length - 1
        if self.reading and room > 0:
            width = min(cell_len(self.reading), room)
            words = (fit(self.reading, width), "bold $success")
            return Content.assemble(left, " " * (room - width), words)
        if len(self.facts) > room:
            return left
        return Content.assemble(left, self.facts.rjust(room))

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the mouse."""
        x = 0
        for name, label in _labels():
            x += len(label)
            if event.x < x:
                self.post_message(TabChosen(name))
                return


def _labels() -> list[tuple[str, str]]:
    return [(name, f" {i} {name.capitalize()} ") for i, name in enumerate(TABS, 1)]
