"""From a graph and the sizes of its boxes to a layout: layers, order, vertices, then routes.

All steps work along the flow and across it, whichever way it runs on the screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import add
from typing import NamedTuple

from engine.autograd.graph import Graph
from tui.diagram.layout.coordinates import Extent, Gaps, aligned
from tui.diagram.layout.crossings import Order, ordered
from tui.diagram.layout.layers import Layered, Wire, layered
from tui.diagram.layout.layout import Direction, Layout, Point, Rectangle, Size
from tui.diagram.layout.routes import Trunk, Turn, routed


class _Shape(NamedTuple):
    """What differs between the directions, in cells."""

    gaps: Gaps
    pitch: int
    """From one port of a box to the next."""
    plain: int
    """From a layer to the next at least."""
    lead: int
    """From a layer to the first track."""


_SHAPES: dict[Direction, _Shape] = {
    "right": _Shape(Gaps(boxes=1, wires=0), pitch=1, plain=3, lead=1),
    "down": _Shape(Gaps(boxes=2, wires=1), pitch=2, plain=1, lead=0),
}


class _Spot(NamedTuple):
    """A cell, whichever way the flow runs."""

    along: int
    across: int


def laid_out(graph: Graph, sizes: Sequence[Size], direction: Direction) -> Layout | None:
    """Lay out boxes of these sizes; returns None for a graph too large to be drawn so.

    A box grows across the flow where it has more edges on a side than cells.
    """
    vertices = layered(graph)
    if vertices is None:
        return None
    down = direction == "down"
    shape = _SHAPES[direction]
    extents = _extents(vertices, [s.width if down else s.height for s in sizes], shape.pitch)
    order = ordered(vertices)
    frame = _Frame(
        vertices=vertices,
        extents=extents,
        lengths=[size.height if down else size.width for size in sizes],
        shape=shape,
        across=aligned(vertices, order, extents, shape.gaps),
    )
    return _turned(frame, direction, order)


class _Frame:
    """The drawing by cells along and across the flow."""

    def __init__(
        self,
        vertices: Layered,
        extents: Sequence[Extent],
        lengths: Sequence[int],
        shape: _Shape,
        across: Sequence[int],
    ) -> None:
        self.vertices = vertices
        self.extents = extents
        self.lengths = lengths
        self.shape = shape
        self.across = across
        self.turns: dict[Wire, tuple[Turn, ...]] = {}
        tracks = [self._route(wires) for wires in vertices.wires]
        self.starts = self._starts(tracks)
        self.ends = [
            start + length for start, length in zip(self.starts, self._thickness(), strict=True)
        ]

    def box(self, node: int) -> tuple[_Spot, _Spot]:
        """The first cell of a node's box and the first beyond its far corner."""
        along, across = self.starts[self.vertices.layer[node]], self.across[node]
        far = _Spot(along + self.lengths[node], across + self.extents[node].size)
        return _Spot(along, across), far

    def way(self, wires: Sequence[Wire]) -> list[_Spot]:
        """The corners of an edge."""
        source = wires[0].tail
        spots = [_Spot(self.box(source)[1].along - 1, self._exit(wires[0]))]
        for wire in wires:
            tracks = self.ends[self.vertices.layer[wire.tail]] + self.shape.lead
            for turn in self.turns[wire]:
                spots += [
                    _Spot(tracks + turn.track, spots[-1].across),
                    _Spot(tracks + turn.track, turn.row),
                ]
        target = self.vertices.layer[wires[-1].head]
        return [*spots, _Spot(self.starts[target] - 1, spots[-1].across)]

    def _exit(self, wire: Wire) -> int:
        return self.across[wire.tail] + self.extents[wire.tail].exits[wire.exit]

    def _entry(self, wire: Wire) -> int:
        return self.across[wire.head] + self.extents[wire.head].entries[wire.entry]

    def _route(self, wires: Sequence[Wire]) -> int:
        """Find the turns of all wires of a channel; how many tracks they take."""
        trunks: dict[int, list[Wire]] = {}
        for wire in wires:
            trunks.setdefault(self._exit(wire), []).append(wire)
        channel = routed(
            [Trunk(row, tuple(map(self._entry, trunks[row]))) for row in sorted(trunks)]
        )
        for wire in wires:
            self.turns[wire] = channel.turns[self._exit(wire), self._entry(wire)]
        return channel.tracks

    def _thickness(self) -> list[int]:
        """How long the longest box of every layer is."""
        thickness = [0] * (len(self.vertices.wires) + 1)
        for node, length in enumerate(self.lengths):
            layer = self.vertices.layer[node]
            thickness[layer] = max(thickness[layer], length)
        return thickness

    def _starts(self, tracks: Sequence[int]) -> list[int]:
        """The first cell of every layer along the flow."""
        widths = [max(self.shape.plain, self.shape.lead + count + 1) for count in tracks]
        return list(accumulate(map(add, self._thickness(), widths), initial=0))


def _turned(frame: _Frame, direction: Direction, order: Order) -> Layout:
    """The layout on the screen, with nothing left of or above its first cell."""
    graph = frame.vertices.graph
    boxes = [frame.box(node) for node in range(len(graph.nodes))]
    ways = [frame.way(wires) for wires in frame.vertices.ways]
    least = min((spot.across for way in ways for spot in way), default=0)
    shift = max(0, -least)

    def point(spot: _Spot) -> Point:
        along, across = spot.along, spot.across + shift
        return Point(along, across) if direction == "right" else Point(across, along)

    rectangles = []
    for first, beyond in boxes:
        start, end = point(first), point(beyond)
        rectangles.append(Rectangle(*start, end.x - start.x, end.y - start.y))
    routes = tuple(tuple(map(point, way)) for way in ways)
    corners = [corner for route in routes for corner in route]
    return Layout(
        graph=graph,
        direction=direction,
        width=max((*(r.right for r in rectangles), *(c.x + 1 for c in corners)), default=0),
        height=max((*(r.bottom for r in rectangles), *(c.y + 1 for c in corners)), default=0),
        rectangles=tuple(rectangles),
        layers=tuple(tuple(p for p in row if not frame.vertices.waypoint(p)) for row in order),
        routes=routes,
    )


def _extents(vertices: Layered, sizes: Sequence[int], pitch: int) -> list[Extent]:
    """Every vertex across the flow: boxes with ports between their corners, waypoints one cell."""
    extents = []
    for i, (entries, exits) in enumerate(zip(vertices.entries, vertices.exits, strict=True)):
        if vertices.waypoint(i):
            extents.append(Extent(1, (0,), (0,)))
            continue
        size = max(sizes[i], 3 + pitch * (max(entries, exits, 1) - 1))
        middle = (size - 1) // 2
        inputs = _ports(entries, middle - pitch * vertices.main[i], size, pitch)
        if inputs:
            middle = inputs[vertices.main[i]]
        extents.append(Extent(size, inputs, _ports(exits, middle, size, pitch)))
    return extents


def _ports(count: int, first: int, size: int, pitch: int) -> tuple[int, ...]:
    """Ports a pitch apart, from `first` on where that leaves room for all between the corners."""
    first = max(1, min(first, size - 2 - pitch * (count - 1)))
    return tuple(first + pitch * i for i in range(count))
