"""Where everything of a graph drawn with boxes stands, in cells; nothing is painted here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from engine.autograd.graph import Graph

Direction = Literal["right", "down"]
"""Where data flows: from leaves at the left to the root at the right, or from top to bottom."""

Side = Literal["left", "right", "up", "down"]


class Point(NamedTuple):
    """The position of one cell: column and row from the top left."""

    x: int
    y: int


class Size(NamedTuple):
    """Of a box with its border, in cells."""

    width: int
    height: int


class Rectangle(NamedTuple):
    """A block of cells with its top left cell and its size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column to the right of the rectangle."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row below the rectangle."""
        return self.y + self.height


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A drawing of a graph, before it is painted."""

    graph: Graph
    direction: Direction
    width: int
    height: int
    rectangles: tuple[Rectangle, ...]
    """The box of every node."""
    layers: tuple[tuple[int, ...], ...]
    """Nodes from the leaves' side to the root's; within a layer from the top (or the left)."""
    routes: tuple[tuple[Point, ...], ...]
    """For every edge its corners, from its source's border to the cell before its target's."""

    def fits(self, width: int, height: int) -> bool:
        """Return whether all of it can be seen in so many cells."""
        return self.width <= width and self.height <= height


def neighbour(layout: Layout, node: int, side: Side) -> int:
    """Return the node to which an arrow key leads from a node; itself where there is none.

    Along the flow that is the nearest one of the next layer, across it the next of the layer,
    and at the layer's end the nearest box that stands wholly further on.
    """
    along = ("left", "right") if layout.direction == "right" else ("up", "down")
    layer = next(i for i, nodes in enumerate(layout.layers) if node in nodes)
    if side in along:
        i = layer + (1 if side == along[1] else -1)
        nodes = layout.layers[i] if 0 <= i < len(layout.layers) else ()
    else:
        i = layout.layers[layer].index(node) + (1 if side in ("right", "down") else -1)
        if 0 <= i < len(layout.layers[layer]):
            return layout.layers[layer][i]
        nodes = _beyond(layout, node, side)
    here = layout.rectangles[node]
    return min(nodes, key=lambda n: (*_distance(here, layout.rectangles[n]), n), default=node)


def _beyond(layout: Layout, node: int, side: Side) -> tuple[int, ...]:
    """Nodes whose boxes stand wholly on one side of a node's."""
    here = layout.rectangles[node]
    gaps = {
        "left": lambda there: here.x - there.right,
        "right": lambda there: there.x - here.right,
        "up": lambda there: here.y - there.bottom,
        "down": lambda there: there.y - here.bottom,
    }
    return tuple(n for n, there in enumerate(layout.rectangles) if gaps[side](there) >= 0)


def _distance(a: Rectangle, b: Rectangle) -> tuple[int, int]:
    """Blank cells between two boxes, a row counted twice; and between their middles, doubled."""
    blank = max(a.x - b.right, b.x - a.right, 0) + 2 * max(a.y - b.bottom, b.y - a.bottom, 0)
    middles = abs(a.x + a.right - b.x - b.right) + 2 * abs(a.y + a.bottom - b.y - b.bottom)
    return blank, middles
