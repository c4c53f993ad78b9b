"""Layers for a graph drawing: which node stands in which column, and who passes between.

The first steps of Sugiyama's method (Sugiyama, Tagawa, Toda 1981). Nodes get layers counted
from the leaves, so that a graph that grows at its root keeps the layers it had. What one
output feeds hangs on one trunk: a long way to several users passes every layer once, through
a *waypoint*, and forks where the users are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from engine.autograd.graph import Edge, Graph

LIMIT = 500
"""The most nodes and waypoints that are laid out; larger graphs are for the rails."""


class Wire(NamedTuple):
    """One hop of one trunk between two neighbouring layers. Places are nodes or waypoints."""

    tail: int
    """The vertex on the side of the leaves."""
    exit: int
    """At which of its exits, one for every output that is used."""
    head: int
    """The vertex on the side of the root."""
    entry: int
    """At which of its entries, one for every input, in input order."""


@dataclass(frozen=True, slots=True, eq=False)
class Layered:
    """A graph whose every wire joins neighbouring layers.

    Places below `len(graph.nodes)` are nodes by their ids, the others are waypoints.
    """

    graph: Graph
    layer: tuple[int, ...]
    """Of every vertex, from 0 on the side of the leaves."""
    wires: tuple[tuple[Wire, ...], ...]
    """By channel: those at `i` run from layer `i` to layer `i + 1`."""
    ways: tuple[tuple[Wire, ...], ...]
    """For every edge of the graph the wires from its source to its target."""
    entries: tuple[int, ...]
    """How many entries every vertex has."""
    exits: tuple[int, ...]
    """How many exits every vertex has."""
    main: tuple[int, ...]
    """The entry of every vertex on the longest way from the leaves; 0 where there is none."""
    height: tuple[int, ...]
    """How many wires every vertex is away from the root by the longest way."""

    def waypoint(self, vertex: int) -> bool:
        """Return whether a vertex only passes a trunk on."""
        return vertex >= len(self.graph.nodes)


def layered(graph: Graph) -> Layered | None:
    """Return layers and wires; None where there would be more than `LIMIT` vertices."""
    if len(graph.nodes) > LIMIT:
        return None
    depth = _depths(graph)
    layer = _layers(graph, depth)
    ways = _Ways(graph, layer)
    if not ways.find():
        return None
    extra = len(layer) - len(graph.nodes)
    wires: list[set[Wire]] = [set() for _ in range(max(layer, default=0))]
    for way in ways.found:
        for wire in way:
            wires[layer[wire.tail]].add(wire)
    channels = tuple(tuple(sorted(channel)) for channel in wires)
    return Layered(
        graph=graph,
        layer=tuple(layer),
        wires=channels,
        ways=tuple(ways.found),
        entries=(*map(len, graph.into), *[1] * extra),
        exits=(*map(len, ways.outputs), *[1] * extra),
        main=(*(_main(edges, depth) for edges in graph.into), *[0] * extra),
        height=_heights(channels, len(layer)),
    )


def _depths(graph: Graph) -> list[int]:
    """The longest way from a leaf to every node."""
    depth = [0] * len(graph.nodes)
    for node in reversed(range(len(depth))):
        depth[node] = max((depth[edge.source] + 1 for edge in graph.into[node]), default=0)
    return depth


def _layers(graph: Graph, depth: list[int]) -> list[int]:
    """Depths, but what only leaves feed stands next to its first user."""
    layer = list(depth)
    loose = [True] * len(layer)
    for node in reversed(range(len(layer))):
        sources = {edge.source for edge in graph.into[node]}
        loose[node] = all(
            not graph.into[source] or (loose[source] and _has_one_user(graph, source))
            for source in sources
        )
    for node, edges in enumerate(graph.out_of):
        if edges and loose[node]:
            layer[node] = min(layer[edge.target] for edge in edges) - 1
    return layer


def _has_one_user(graph: Graph, node: int) -> bool:
    return len({edge.target for edge in graph.out_of[node]}) == 1


def _main(edges: tuple[Edge, ...], depth: list[int]) -> int:
    deepest = max((depth[edge.source] for edge in edges), default=0)
    candidates = [entry for entry, edge in enumerate(edges) if depth[edge.source] == deepest]
    return candidates[(len(candidates) - 1) // 2] if candidates else 0


def _heights(channels: tuple[tuple[Wire, ...], ...], count: int) -> tuple[int, ...]:
    height = [0] * count
    for wires in reversed(channels):
        for wire in wires:
            height[wire.tail] = max(height[wire.tail], height[wire.head] + 1)
    return tuple(height)


class _Ways:
    """Finds the wires of every edge, adding waypoints to `layer` as trunks need them."""

    def __init__(self, graph: Graph, layer: list[int]) -> None:
        self.graph = graph
        self.layer = layer
        self.outputs = [sorted({edge.output for edge in edges}) for edges in graph.out_of]
        self.found: list[tuple[Wire, ...]] = []
        self.trunks: dict[tuple[int, int], list[int]] = {}

    def find(self) -> bool:
        """Fill `found`; False where the limit is passed."""
        entry = 0
        for i, edge in enumerate(self.graph.edges):
            entry = entry + 1 if i and self.graph.edges[i - 1].target == edge.target else 0
            self.found.append(self._way(edge, entry))
            if len(self.layer) > LIMIT:
                return False
        return True

    def _way(self, edge: Edge, entry: int) -> tuple[Wire, ...]:
        exit_ = self.outputs[edge.source].index(edge.output)
        trunk = self.trunks.setdefault((edge.source, exit_), [])
        hops = self.layer[edge.target] - self.layer[edge.source] - 1
        while len(trunk) < hops:
            trunk.append(len(self.layer))
            self.layer.append(self.layer[edge.source] + len(trunk))
        vertices = (edge.source, *trunk[:hops], edge.target)
        return tuple(
            Wire(tail, exit_ if i == 0 else 0, head, entry if i == hops else 0)
            for i, (tail, head) in enumerate(pairwise(vertices))
        )
