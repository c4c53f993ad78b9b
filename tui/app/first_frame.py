"""What is seen first: the rows of tabs and of keys, and the headings of the Graph tab.

It needs little of what the program is made of. The rest is imported once it is on the screen, and
takes its place without anything moving.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.app import ComposeResult
from textual.containers import Container

from tui.app.key_bar import KeyBar
from tui.app.tab_bar import TabBar
from tui.graph.outline import GraphOutline
from tui.kit.after_paint import after_paint
from tui.script.nothing_yet import LOADING


class FirstFrame(Container):
    """Covers the screen, and calls `then` with itself once it is painted.

    `opened` is the key and the title of what is open; None: the usual lesson.
    """

    DEFAULT_CSS = """
    FirstFrame { layer: over; width: 100%; height: 100%; background: $background; }
    """

    def __init__(
        self, opened: tuple[str, str] | None, then: Callable[[FirstFrame], object]
    ) -> None:
        super().__init__()
        self._opened, self._then = opened, then

    def compose(self) -> ComposeResult:
        """The same rows and headings as in the workbench."""
        bar = TabBar()
        bar.facts = LOADING
        yield bar
        yield GraphOutline(self._opened)
        yield KeyBar()

    def on_mount(self) -> None:
        """Have the row of keys show those of the Graph tab."""
        self.screen.set_focus(self.query_one(GraphOutline))
        keys = self.query_one(KeyBar)
        after_paint(self, partial(keys.once_painted, partial(self._then, self)))
