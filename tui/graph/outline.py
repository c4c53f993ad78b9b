"""The Graph tab as the first frame shows it, before anything that fills it is loaded."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.widgets import Static

from tui.graph.graph_keys import pane_keys
from tui.graph.subjects.lesson_list import FIRST, LessonList
from tui.kit.heading import Heading
from tui.kit.tab_pane import Pane
from tui.script.nothing_yet import LOADING, NO_GRAPH, NO_TENSORS

ROOM = "graph-room"
"""The class by which the stylesheet lays out the tab, filled or not."""
GRAPH, NODE, TENSORS = "graph", "node", "tensors in scope"
"""Headings while there is nothing below them."""


class GraphOutline(Pane):
    """Shows the headings and the keys of the tab where they will be; no key works yet.

    `opened` is the key and the title of what is open from the start; None: the usual lesson.
    """

    BINDINGS: ClassVar[list[BindingType]] = pane_keys()

    def __init__(self, opened: tuple[str, str] | None = None) -> None:
        super().__init__(classes=ROOM)
        self._opened = opened

    def compose(self) -> ComposeResult:
        """Empty sections, and where there is room beside them the list of lessons."""
        if self.screen.has_class("-wide"):
            yield LessonList(id="lessons")
        with Vertical(id="graph-main"):
            yield Heading(LOADING, id="source-heading")
            yield Heading(GRAPH)
            yield Static(NO_GRAPH)
        with Container(id="graph-side"):
            with Vertical(id="node-section"):
                yield Heading(NODE)
            with Vertical(id="tensors-section"):
                yield Heading(TENSORS)
                yield Static(NO_TENSORS)

    def on_mount(self) -> None:
        """Mark what is open in the list of lessons."""
        for lessons in self.query(LessonList):
            lessons.mark_opened(*(self._opened or (FIRST, "")))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key is shown: of ranks nothing is known yet."""
        return action != "rank"
