"""An autograd graph on the screen: boxes with values, the backward pass lit as far as it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from textual import events
from textual.geometry import Region
from textual.message import Message

from engine.graph import Graph, NodeGradient
from tui.drawing.boxes import Box, arrange, paint
from tui.drawing.glyphs import UNICODE
from tui.drawing.labels import Detail, boxes
from tui.drawing.layout import Direction, Layout, Side, neighbour
from tui.drawing.picture import Picture, Span
from tui.widgets.picture_view import PictureView

DETAILS: tuple[Detail, ...] = ("full", "values", "compact")
DIRECTIONS: tuple[Direction, ...] = ("right", "down")


@dataclass
class NodeSelected(Message):
    """A node was chosen with the keys or the mouse."""

    node: int


class Shown(NamedTuple):
    """What the view shows."""

    graph: Graph
    gradients: tuple[NodeGradient, ...]
    """All of the pass, also those that have not come yet: their room is kept."""
    arrived: int


class GraphView(PictureView):
    """Shows one graph, as detailed as there is room."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._shown: Shown | None = None
        self._selected: int | None = None
        self._detail: Detail = "compact"
        self._layout_: Layout | None = None
        self._left, self._top = 0, 0

    def show_graph(
        self, graph: Graph | None, gradients: Sequence[NodeGradient], arrived: int
    ) -> None:
        """Another graph, or the same one with more of its gradients there."""
        before = self._shown
        self._shown = None if graph is None else Shown(graph, tuple(gradients), arrived)
        if before is None or before.graph is not graph or len(before.gradients) != len(gradients):
            self._arrange()
        self._paint()

    def select(self, node: int | None) -> None:
        """Mark a node and bring it on the screen."""
        self._selected = node
        self.repaint()
        if node is not None and self._layout_ is not None:
            x, y, width, height = self._layout_.rectangles[node]
            self.reveal(Region(x + self._left, y + self._top, width, height))

    def neighbour(self, side: Side) -> int | None:
        """The node beside the selected one, to move to."""
        if self._layout_ is None or self._selected is None:
            return self._selected
        return neighbour(self._layout_, self._selected, side)

    def modifiers(self, span: Span) -> str:
        """The selected node has its title reversed and its box tinted; passed nodes are lit."""
        if self._shown is None or span.key < 0:
            return ""
        if span.key == self._selected:
            return "current" if "title" in span.role else "chosen"
        return "lit" if span.role in ("op", "leaf", "root") and span.key in self._passed else ""

    def on_resize(self, event: events.Resize) -> None:
        """The room decides how much detail there is."""
        self._arrange()
        self._paint()

    def on_click(self, event: events.Click) -> None:
        """Select the box that was clicked."""
        x = event.x + self.scroll_offset.x - self._left
        y = event.y + self.scroll_offset.y - self._top
        for node, box in enumerate(self._layout_.rectangles if self._layout_ else ()):
            if box.x <= x < box.right and box.y <= y < box.bottom:
                self.post_message(NodeSelected(node))

    @property
    def _passed(self) -> set[int]:
        if self._shown is None:
            return set()
        return {g.node for g in self._shown.gradients[: self._shown.arrived]}

    def _boxes(self, detail: Detail) -> list[Box]:
        assert self._shown is not None
        graph, gradients, arrived = self._shown
        return boxes(graph, {g.node: g for g in gradients}, arrived, detail)

    def _arrange(self) -> None:
        """The most detailed layout that fits; else the least detailed, to be scrolled over."""
        self._layout_ = None
        if self._shown is None or not self.size.area:
            return
        best: Layout | None = None
        for detail, direction in product(DETAILS, DIRECTIONS):
            layout = arrange(self._shown.graph, self._boxes(detail), direction)
            if layout is None:
                return
            self._layout_, self._detail = layout, detail
            if layout.fits(self.size.width, self.size.height):
                return
            if detail == "compact" and (best is None or layout.height < best.height):
                best = layout
        self._layout_ = best

    def _paint(self) -> None:
        if self._shown is None or self._layout_ is None:
            words = "no graph yet" if self._shown is None else "too large for boxes"
            row = (Span(words, "faint"),)
            self.show(Picture(len(words), (row,)))
            return
        passed = self._passed
        lit = {i for i, e in enumerate(self._shown.graph.edges) if e.target in passed}
        picture = paint(self._layout_, self._boxes(self._detail), UNICODE, lit)
        self._left = max((self.size.width - picture.width) // 2, 0)
        self._top = max((self.size.height - picture.height) // 2, 0)
        self.show(_padded(picture, self._left, self._top))


def _padded(picture: Picture, left: int, top: int) -> Picture:
    margin = Span(" " * left)
    rows = [(margin,)] * top + [(margin, *row) for row in picture.rows]
    return Picture(picture.width + left, tuple(rows))
