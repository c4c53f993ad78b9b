"""The Graph tab as the first frame shows it, before anything that fills it is loaded."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from engine.lessons import find
from tui.graph.graph_keys import pane_keys
from tui.graph.subjects.lesson_list import FIRST, LessonList
from tui.kit.heading import Heading
from tui.kit.tab_pane import Pane
from tui.script.nothing_yet import LOADING, NO_GRAPH, NO_TENSORS

ROOM = "graph-room"
"""The class by which the stylesheet lays out the tab, filled or not."""
GRAPH, NODE, TENSORS = "graph", "node", "tensors in scope"
"""Headings while there is nothing below them."""


SOURCE_LEAST = 4
"""Rows of source, however short it is."""
GRAPH_LEAST = 8
"""Rows of the graph, as high as a box with its values and gradients; source comes after it."""
GRAPH_SHARE = 0.4
"""Of a high terminal the graph has at least so much."""
HEADINGS = 2
"""Rows of the headings over source and graph."""


def source_rows(rows: int, lines: int, advice: int = 0) -> int:
    """Return how many rows a source of so many lines has, of those for it, advice, and graph."""
    room = rows - max(GRAPH_LEAST, int(rows * GRAPH_SHARE))
    half = rows // 2
    least = min(SOURCE_LEAST, half) if half > 1 else SOURCE_LEAST  # else it stands alone
    return max(min(lines, room, rows - GRAPH_LEAST - advice), least)


class SourceRoom(Widget):
    """Takes the rows that a source of so many lines will have."""

    DEFAULT_CSS = "SourceRoom { height: auto; }"

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._lines = lines

    def render(self) -> str:
        """Return nothing: the text is loaded with what shows it."""
        return ""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return as many rows as the source will have in a container with it and the graph."""
        return source_rows(container.height - HEADINGS, self._lines)


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
            lesson = find(self._opened[0] if self._opened else FIRST)
            yield Heading(lesson.title if lesson else LOADING, id="source-heading")
            text = lesson.path.read_text(encoding="utf-8") if lesson else ""
            yield SourceRoom(text.count("\n") + 1)
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
