"""A graph drawn with boxes: leaves double-framed, the root heavy, edges in right angles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter, itemgetter
from typing import Literal, NamedTuple

from rich.cells import cell_len

from engine.autograd.graph import Graph
from engine.ranks.drawn_reductions import is_reduction
from tui.diagram.layout.layout import Direction, Layout, Point, Rectangle, Size
from tui.kit.glyphs import DOWN, LEFT, RIGHT, UP, GraphGlyphs
from tui.kit.spans import Picture, Row, Span

Kind = Literal["leaf", "op", "root", "reduction"]


@dataclass(frozen=True, slots=True)
class BoxLine:
    """One line of text in a box."""

    role: str
    """Of its span, as in `op`, `expression`, `value`, `gradient`."""
    text: str
    """Printable; padded by the caller where what is to come must not move anything."""


@dataclass(frozen=True, slots=True)
class Box:
    """What stands in the box of one node."""

    node: int
    lines: tuple[BoxLine, ...]


def kind_of(graph: Graph, node: int) -> Kind:
    """Return what a node is framed as: leaf, root or op; a leaf that is the root is a leaf.

    A reduction over ranks is drawn as what it is: no node of autograd's.
    """
    if graph.nodes[node].is_leaf:
        return "leaf"
    if is_reduction(graph.nodes[node]):
        return "reduction"
    return "root" if node in graph.roots else "op"


def edge_key(edge: int) -> int:
    """Return the key of the spans of an edge, by its position in `Graph.edges`."""
    return -2 - edge


def arrange(graph: Graph, boxes: Sequence[Box], direction: Direction) -> Layout | None:
    """Lay out boxes, given in node order, with room for all lines; None if too large."""
    from tui.diagram.layout.sugiyama import laid_out  # no graph is in the first frame

    return laid_out(graph, [size_of(box) for box in boxes], direction)


def size_of(box: Box) -> Size:
    """Return how many cells a box takes with its border."""
    width = max((cell_len(line.text) for line in box.lines), default=0)
    return Size(width + 4, max(len(box.lines), 1) + 2)


def area(boxes: Sequence[Box]) -> int:
    """Return how many cells boxes cover: what has less room need not be laid out."""
    return sum(size.width * size.height for size in map(size_of, boxes))


def paint(
    layout: Layout, boxes: Sequence[Box], glyphs: GraphGlyphs, lit: Collection[int] = ()
) -> Picture:
    """Draw a layout.

    Borders have their node's kind as role, texts their own, both the node as key. Edges have
    the role `edge`, their heads `arrow`, and `edge_key` as key; what several share has the key
    of the first. Edges in `lit` have the roles `way` and `way-arrow` on their whole length.
    """
    canvas: Canvas = [[] for _ in range(layout.height)]
    _paint_edges(canvas, layout, glyphs, frozenset(lit))
    exits = {route[0] for route in layout.routes}
    for box, here in zip(boxes, layout.rectangles, strict=True):
        _paint_box(canvas, here, kind_of(layout.graph, box.node), box, exits, glyphs)
    return Picture(layout.width, tuple(_row(pieces, layout.width) for pieces in canvas))


class _Piece(NamedTuple):
    """A span and where it is in a row."""

    x: int
    width: int
    span: Span


Canvas = list[list[_Piece]]

_OPPOSITE = {UP: DOWN, DOWN: UP, LEFT: RIGHT, RIGHT: LEFT}


@dataclass(slots=True)
class _Cell:
    """The line pieces that pass one cell."""

    edge: int
    """The first edge that does."""
    arms: dict[tuple[int, int], int]
    """For every output whose edges pass, the arms of its line."""

    def glyph(self, glyphs: GraphGlyphs) -> str:
        if len(self.arms) > 1:
            return glyphs.crossing
        return glyphs.lines[next(iter(self.arms.values()))]


def _paint_edges(canvas: Canvas, layout: Layout, glyphs: GraphGlyphs, lit: frozenset[int]) -> None:
    """Lines with a head where they lead; of what the gradient has crossed, back at its source."""
    cells = _cells(layout, sorted(range(len(layout.routes)), key=lambda edge: edge not in lit))
    right = layout.direction == "right"
    head, back = (
        (glyphs.arrow_right, glyphs.arrow_left) if right else (glyphs.arrow_down, glyphs.arrow_up)
    )
    for edge, route in enumerate(layout.routes):
        if edge in lit:
            end = cells[route[-1]]
            end.arms = {
                trunk: arms | (RIGHT if right else DOWN) for trunk, arms in end.arms.items()
            }
        elif not layout.graph.nodes[layout.graph.edges[edge].target].is_leaf:
            del cells[route[-1]]
            _put(canvas, route[-1], Span(head, "arrow", edge_key(edge)))
        else:  # forward nothing comes out of a reduction
            end = cells[route[-1]]
            end.arms = {t: arms | (RIGHT if right else DOWN) for t, arms in end.arms.items()}
    for first, edge in {_after_border(layout.routes[edge]): edge for edge in sorted(lit)}.items():
        cells.pop(first, None)
        _put(canvas, first, Span(back, "way-arrow", edge_key(edge)))
    for spot, cell in cells.items():
        role = "way" if cell.edge in lit else "edge"
        _put(canvas, spot, Span(cell.glyph(glyphs), role, edge_key(cell.edge)))


def _after_border(route: Sequence[Point]) -> Point:
    """The first cell of an edge outside its source's border."""
    border, corner = route[:2]
    return Point(
        border.x + (corner.x > border.x) - (corner.x < border.x),
        border.y + (corner.y > border.y) - (corner.y < border.y),
    )


def _put(canvas: Canvas, spot: Point, span: Span) -> None:
    canvas[spot.y].append(_Piece(spot.x, 1, span))


def _cells(layout: Layout, edges: Sequence[int]) -> dict[Point, _Cell]:
    """Every cell with a line in it, but not those where a border is left.

    Edges of one output branch like a tree: an edge is followed from its target back until it
    meets one before it.
    """
    cells: dict[Point, _Cell] = {}
    for i in edges:
        trunk = (layout.graph.edges[i].source, layout.graph.edges[i].output)
        behind = 0
        for spot, ahead in _steps(layout.routes[i][::-1]):
            arms = cells.setdefault(spot, _Cell(i, {})).arms
            if trunk in arms:
                arms[trunk] |= behind
                break
            arms[trunk] = behind | ahead
            behind = _OPPOSITE.get(ahead, 0)
    for route in layout.routes:
        cells.pop(route[0], None)
    return cells


def _steps(corners: Sequence[Point]) -> Iterator[tuple[Point, int]]:
    """The cells along a line, and the arm of each towards the next; none at the end."""
    for start, end in pairwise(corners):
        if start.y == end.y:
            way, arm = (1, RIGHT) if end.x > start.x else (-1, LEFT)
            yield from ((Point(x, start.y), arm) for x in range(start.x, end.x, way))
        else:
            way, arm = (1, DOWN) if end.y > start.y else (-1, UP)
            yield from ((Point(start.x, y), arm) for y in range(start.y, end.y, way))
    yield corners[-1], 0


def _paint_box(
    canvas: Canvas,
    here: Rectangle,
    kind: Kind,
    box: Box,
    exits: Collection[Point],
    glyphs: GraphGlyphs,
) -> None:
    """The border, with a junction wherever an edge leaves, and the lines."""
    frame = glyphs.borders[kind]
    last = here.bottom - 1
    for y in range(here.y, here.bottom):
        columns = range(here.x + 1, here.right - 1)
        if y in (here.y, last):
            ends = frame.corners[:2] if y == here.y else frame.corners[2:]
            side = (frame.exit_down if Point(x, y) in exits else frame.across for x in columns)
            border = Span(ends[0] + "".join(side) + ends[1], kind, box.node)
            canvas[y].append(_Piece(here.x, here.width, border))
        else:
            right = frame.exit_right if Point(here.right - 1, y) in exits else frame.down
            i = y - here.y - 1
            line = box.lines[i] if i < len(box.lines) else BoxLine("", "")
            _put(canvas, Point(here.x, y), Span(frame.down, kind, box.node))
            text = f" {line.text}{' ' * (len(columns) - 1 - cell_len(line.text))}"
            inner = Span(text, line.role, box.node)
            canvas[y].append(_Piece(here.x + 1, len(columns), inner))
            _put(canvas, Point(here.right - 1, y), Span(right, kind, box.node))


def _row(pieces: list[_Piece], width: int) -> Row:
    """One row of a picture: pieces in their order, like ones joined, blanks between."""
    spans: list[Span] = []
    x = 0
    for piece in sorted(pieces, key=itemgetter(0)):
        if piece.x > x:
            spans.append(Span(" " * (piece.x - x)))
        spans.append(piece.span)
        x = piece.x + piece.width
    if x < width:
        spans.append(Span(" " * (width - x)))
    return tuple(
        Span("".join(span.text for span in like), role, key)
        for (role, key), like in groupby(spans, key=attrgetter("role", "key"))
    )
