"""The order of vertices within their layers, with few crossings of wires.

Starts from a depth-first walk that follows inputs in their order, which draws a tree without
any crossing, and improves on it by barycentre sweeps and by swapping neighbours (Gansner,
Koutsofios, North, Vo 1993). Nothing moves where nothing crosses.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence

from tui.diagram.layout.layers import Layered, Wire

SWEEPS = 12
"""The most passes over the layers, alternately rootwards and leafwards."""

PATIENCE = 4
"""How many passes in a row may bring no improvement."""

Order = tuple[tuple[int, ...], ...]
"""The vertices of every layer, from the top (or the left) on."""


def ordered(layered: Layered) -> Order:
    """Return the best order found; the first of several equally good ones."""
    sweeper = _Sweeper(layered)
    best, fewest, idle = sweeper.order, sweeper.crossings(), 0
    for sweep in range(SWEEPS):
        if fewest == 0 or idle == PATIENCE:
            break
        sweeper.sweep(rootwards=sweep % 2 == 0)
        count = sweeper.crossings()
        idle = idle + 1 if count >= fewest else 0
        if count < fewest:
            best, fewest = sweeper.order, count
    return best


class _Sweeper:
    """An order being improved. The end of a wire is its vertex's rank plus its port's share."""

    def __init__(self, layered: Layered) -> None:
        self.layered = layered
        count = len(layered.layer)
        self.tails: list[list[Wire]] = [[] for _ in range(count)]
        self.heads: list[list[Wire]] = [[] for _ in range(count)]
        for wire in sorted((w for ws in layered.wires for w in ws), key=lambda w: w.entry):
            self.tails[wire.head].append(wire)
            self.heads[wire.tail].append(wire)
        self.rank = [0] * count
        self.layers = self._walked()
        for vertices in self.layers:
            self._number(vertices)

    @property
    def order(self) -> Order:
        return tuple(map(tuple, self.layers))

    def crossings(self) -> int:
        """How many pairs of wires cross; wires of one exit fork and do not."""
        total = 0
        for wires in self.layered.wires:
            seen: list[float] = []
            for _, end in sorted((self._tail(wire), self._head(wire)) for wire in wires):
                total += len(seen) - bisect_right(seen, end)
                insort(seen, end)
        return total

    def sweep(self, rootwards: bool) -> None:
        """Order every layer by the one before it on the way, then swap what crosses less."""
        for i in range(len(self.layers)) if rootwards else reversed(range(len(self.layers))):
            ends = {vertex: self._tail_ends(vertex) for vertex in self.layers[i]}
            others = {vertex: self._head_ends(vertex) for vertex in self.layers[i]}
            self.layers[i] = _sorted(self.layers[i], ends if rootwards else others)
            _transpose(self.layers[i], ends, others)
            self._number(self.layers[i])

    def _tail(self, wire: Wire) -> float:
        return self.rank[wire.tail] + wire.exit / self.layered.exits[wire.tail]

    def _head(self, wire: Wire) -> float:
        return self.rank[wire.head] + wire.entry / self.layered.entries[wire.head]

    def _tail_ends(self, vertex: int) -> list[float]:
        return sorted(map(self._tail, self.tails[vertex]))

    def _head_ends(self, vertex: int) -> list[float]:
        return sorted(map(self._head, self.heads[vertex]))

    def _number(self, vertices: Sequence[int]) -> None:
        for rank, vertex in enumerate(vertices):
            self.rank[vertex] = rank

    def _walked(self) -> list[list[int]]:
        """Every vertex where a depth-first walk from the roots meets it first."""
        layer = self.layered.layer
        layers: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
        met = [False] * len(layer)
        for start in self._ends():
            stack = [start]
            while stack:
                vertex = stack.pop()
                if met[vertex]:
                    continue
                met[vertex] = True
                layers[layer[vertex]].append(vertex)
                stack.extend(wire.tail for wire in reversed(self.tails[vertex]))
        return layers

    def _ends(self) -> Iterator[int]:
        return (vertex for vertex, wires in enumerate(self.heads) if not wires)


def _sorted(vertices: list[int], ends: dict[int, list[float]]) -> list[int]:
    """By the mean of the ends; vertices without any stay where they are."""
    bound = sorted((p for p in vertices if ends[p]), key=lambda p: sum(ends[p]) / len(ends[p]))
    moved = iter(bound)
    return [next(moved) if ends[vertex] else vertex for vertex in vertices]


def _transpose(vertices: list[int], *sides: dict[int, list[float]]) -> None:
    """Swap neighbours for as long as that removes crossings."""
    improved = True
    while improved:
        improved = False
        for i in range(len(vertices) - 1):
            first, second = vertices[i], vertices[i + 1]
            kept = sum(_inversions(ends[first], ends[second]) for ends in sides)
            swapped = sum(_inversions(ends[second], ends[first]) for ends in sides)
            if swapped < kept:
                vertices[i], vertices[i + 1] = second, first
                improved = True


def _inversions(upper: list[float], lower: list[float]) -> int:
    """How many pairs cross when a vertex with `upper` ends stands above one with `lower`."""
    return sum(bisect_left(lower, end) for end in upper)
