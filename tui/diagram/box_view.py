"""An autograd graph on the screen: boxes with values, the backward pass lit as far as it came."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from rich.cells import cell_len
from textual import events
from textual.geometry import Region, Size

from engine.autograd.graph import Backward
from tui.config.settings import settings_of
from tui.diagram.layout.box_text import Detail, boxes
from tui.diagram.layout.boxes import Box, paint
from tui.diagram.layout.detail import USUAL, Drawn, drawn, extent
from tui.diagram.layout.layout import Size as Room
from tui.diagram.layout.layout import neighbour
from tui.diagram.node_view import Marks, Move, NodeSelected, Shown
from tui.kit.glyphs import graph_glyphs
from tui.kit.picture_view import PictureView
from tui.kit.spans import Picture, Row, Span
from tui.script.nothing_yet import NO_GRAPH

LEFT = 2
"""Columns before what is said while there is no graph."""
NOTHING: Row = (Span(NO_GRAPH, "faint"),)


class BoxView(PictureView):
    """Shows one graph, as detailed as there is room."""

    ellipsis = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._shown: Shown | None = None
        self._passed: frozenset[int] = frozenset()
        self._selected: int | None = None
        self._marks = Marks()
        self._empty: tuple[Row, ...] = (NOTHING,)
        self._boxes: dict[Detail, list[Box]] = {}
        """Those of the graph that is shown, as far as they have been needed."""
        self._drawn: Drawn | None = None
        self._grown: tuple[Backward, Size, int] | None = None
        """How wide the graph of a pass to come will be in a view of a size."""
        self._left, self._top = 0, 0
        self._most: Detail = USUAL

    def invite(self, rows: tuple[Row, ...]) -> None:
        """Set the rows to show as long as there is no graph."""
        self._empty = rows

    def enlarge(self, large: bool) -> None:
        """Draw boxes with air around their text, where there is room for that; or as usual."""
        self._most = "large" if large else USUAL
        self.on_resize()

    @property
    def fits(self) -> bool:
        """Whether the graph is seen whole; so it is where there is none."""
        if self._shown is None or self._drawn is None:
            return self._shown is None
        return self._drawn.layout.fits(self.size.width, self.size.height)

    def show_graph(self, shown: Shown | None, selected: int | None, marks: Marks) -> None:
        """Show another graph, or the same one with more of its gradients there."""
        before, self._shown = self._shown, shown
        self._selected, self._marks = selected, marks
        self._boxes = {}
        gradients = shown.gradients[: shown.arrived] if shown else ()
        self._passed = frozenset(gradient.node for gradient in gradients)
        if shown is None or before is None or _moves(before, shown):
            self._arrange()
        self._paint()
        self._reveal(selected)

    def select(self, node: int | None) -> None:
        """Mark the box of the node of this id as selected, and scroll to it; None marks none."""
        self._selected = node
        self.repaint()
        self._reveal(node)

    def mark(self, marks: Marks) -> None:
        """Mark other search hits and breakpoints."""
        self._marks = marks
        self.repaint()

    def moved(self, node: int, move: Move) -> int:
        """Return the node of the box that stands there; home is the root, end the last leaf."""
        if self._drawn is None or self._shown is None:
            return node
        if move in ("home", "end"):
            return 0 if move == "home" else len(self._shown.graph.nodes) - 1
        if move in ("left", "right", "up", "down"):
            return neighbour(self._drawn.layout, node, move)
        (self.scroll_page_up if move == "pageup" else self.scroll_page_down)(animate=False)
        return node

    def rows(self, positions: Sequence[int]) -> Sequence[Sequence[Span]]:
        """Return rows of the picture, marked: selection, hits, breakpoints, where backward was."""
        rows = super().rows(positions)
        if self._shown is None or self._drawn is None:
            return rows
        tops: dict[int, set[int]] = {}
        for node in self._marks.breakpoints | self._marks.changed:
            tops.setdefault(self._drawn.layout.rectangles[node].y + self._top, set()).add(node)
        return [self._row(row, tops.get(y, ())) for y, row in zip(positions, rows, strict=True)]

    def on_resize(self) -> None:
        """Arrange the boxes anew, in as much detail as there is room for."""
        self._arrange()
        self._paint()

    def on_click(self, event: events.Click) -> None:
        """Post NodeSelected for the box that was clicked."""
        x = event.x + self.scroll_offset.x - self._left
        y = event.y + self.scroll_offset.y - self._top
        for node, box in enumerate(self._drawn.layout.rectangles if self._drawn else ()):
            if box.x <= x < box.right and box.y <= y < box.bottom:
                self.post_message(NodeSelected(node))

    def _row(self, spans: Sequence[Span], tops: Collection[int]) -> Sequence[Span]:
        """A row, with marks on the boxes of these nodes, whose upper border it is."""
        if tops:
            spans = [piece for span in spans for piece in _marked(span, tops, self._marks)]
        return [self._modified(span) if span.key >= 0 else span for span in spans]

    def _modified(self, span: Span) -> Span:
        """A span of a node with one more role, where it is selected, hit, or backward was there."""
        role, node, extra = span.role, span.key, ""
        if node == self._selected:
            extra = "current" if "title" in role else "chosen"
        elif node in self._marks.hits and "title" in role:
            extra = "hit"
        elif node in self._passed and role in ("op", "leaf", "root", "reduction"):
            extra = "lit"
        return Span(span.text, f"{role} {extra}", node) if extra else span

    def _reveal(self, node: int | None) -> None:
        if node is not None and self._drawn is not None:
            x, y, width, height = self._drawn.layout.rectangles[node]
            self.reveal(Region(x + self._left, y + self._top, width, height))

    def _boxes_with(self, shown: Shown, detail: Detail) -> list[Box]:
        """The boxes with so much detail, made once for what is shown."""
        if detail not in self._boxes:
            gradients = {gradient.node: gradient for gradient in shown.gradients}
            before = {gradient.node: gradient for gradient in shown.before}
            self._boxes[detail] = boxes(
                shown.graph, gradients, shown.arrived, detail, asked=shown.asked, before=before
            )
        return self._boxes[detail]

    def _arrange(self) -> None:
        """The most detailed layout that fits; else one that says something, to be scrolled over."""
        shown = self._shown
        self._drawn = None
        if shown is not None and self.size.area:
            room = Room(self.size.width, self.size.height)
            self._drawn = drawn(
                shown.graph, lambda detail: self._boxes_with(shown, detail), room, self._most
            )

    def _paint(self) -> None:
        shown = self._shown
        if shown is None or self._drawn is None:
            rows = self._empty if shown is None else ((Span("too large for boxes", "faint"),),)
            width = max(sum(cell_len(span.text) for span in row) for row in rows)
            self.show(_padded(Picture(width, rows), LEFT, 1 if len(rows) < self.size.height else 0))
            return
        lit = {i for i, edge in enumerate(shown.graph.edges) if edge.target in self._passed}
        painted = self._drawn.boxes(lambda detail: self._boxes_with(shown, detail))
        picture = paint(self._drawn.layout, painted, graph_glyphs(settings_of(self).glyphs), lit)
        self._left = self._steady_left(picture.width, shown.coming)
        self._top = self._steady_top(picture.height)
        self.show(_padded(picture, self._left, self._top))

    def _steady_left(self, width: int, coming: Backward | None) -> int:
        """In the middle, or where the first box of a graph that still grows will stay."""
        if coming is not None and self._drawn is not None:
            known = self._grown
            if known is None or known[0] is not coming or known[1] != self.size:
                known = self._grown = coming, self.size, _width_of(coming, self._drawn)
            if known[2] <= self.size.width:
                width = max(width, known[2])
        return max(self.size.width - width, 0) // 2

    def _steady_top(self, height: int) -> int:
        """In the middle, or where it was before if there is room for it."""
        room = max(self.size.height - height, 0)
        return self._top if 0 < self._top <= room <= 4 * self._top else room // 2


def _width_of(coming: Backward, like: Drawn) -> int:
    """How wide the graph of a pass is with boxes like those of another graph."""
    gradients = {one.node: one for one in coming.gradients}
    graph = coming.graph
    return extent(graph, lambda detail: boxes(graph, gradients, 0, detail), like).width


def _moves(before: Shown, after: Shown) -> bool:
    """Whether boxes change in size or number."""
    return before.graph is not after.graph or before.gradients is not after.gradients


def _marked(span: Span, nodes: Collection[int], marks: Marks) -> Iterator[Span]:
    """A box's upper border, where its node is one of these, with its marks beside its corners.

    A dot is a breakpoint; unequal, at the right, is what differs from the original.
    """
    if span.key not in nodes:
        yield span
        return
    text, role, node = span.text, span.role, span.key
    stops, changed = node in marks.breakpoints, node in marks.changed
    yield Span(text[:1], role, node)
    yield Span("●", "breakpoint", node) if stops else Span(text[1:2], role, node)
    yield Span(text[2:-2] if changed else text[2:], role, node)
    if changed:
        yield Span("≠", "changed", node)
        yield Span(text[-1:], role, node)


def _padded(picture: Picture, left: int, top: int) -> Picture:
    margin = Span(" " * left)
    rows = [(margin,)] * top + [(margin, *row) for row in picture.rows]
    return Picture(picture.width + left, tuple(rows))
