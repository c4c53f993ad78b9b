"""How far down (or right) every vertex stands, so that most wires run straight.

Wires are made straight in order of importance: long trunks, then the main line, then the
rest. What hangs together by straight wires is a *block* and moves as one; blocks then move
to where the other wires are shortest (after Brandes and Köpf 2001, with ports).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from tui.diagram.layout.crossings import Order
from tui.diagram.layout.layers import Layered, Wire

ROUNDS = 30
"""The most passes over all blocks while wires get shorter."""


class Extent(NamedTuple):
    """One vertex across the flow, in cells."""

    size: int
    entries: tuple[int, ...]
    """How far from its start every entry is."""
    exits: tuple[int, ...]


class Gaps(NamedTuple):
    """The least blank cells across the flow between neighbours in a layer."""

    boxes: int
    """The least blank cells between two boxes."""
    wires: int
    """The least blank cells beside a waypoint."""


def aligned(layered: Layered, order: Order, extents: list[Extent], gaps: Gaps) -> tuple[int, ...]:
    """Return where every vertex starts across the flow, in cells; the least is 0."""
    blocks = _Blocks(layered, extents)
    blocks.straighten(order)
    blocks.keep_apart(order, gaps)
    blocks.settle()
    starts = [blocks.start(vertex) for vertex in range(len(extents))]
    least = min(starts, default=0)
    return tuple(start - least for start in starts)


def _weight(layered: Layered, wire: Wire) -> int:
    """How much a wire wants to be straight: most inside long trunks, then on the main line."""
    passing = layered.waypoint(wire.tail) + layered.waypoint(wire.head)
    if passing:
        return 4 if passing == 2 else 1
    return 2 if layered.main[wire.head] == wire.entry else 1


class _Straight:
    """The straight wires of one channel; no two cross or meet at one vertex."""

    def __init__(self) -> None:
        self.ends: list[tuple[int, int]] = []

    def add(self, tail: int, head: int) -> bool:
        """Take in a wire between two ranks; False where it crosses one taken before."""
        i = bisect_left(self.ends, (tail, -1))
        if i < len(self.ends) and (self.ends[i][0] == tail or self.ends[i][1] <= head):
            return False
        if i and self.ends[i - 1][1] >= head:
            return False
        insort(self.ends, (tail, head))
        return True


@dataclass(slots=True)
class _Pull:
    """One wire that is not straight by itself: it wants `other` at `self + distance`."""

    other: int
    distance: int
    weight: int


@dataclass(slots=True)
class _Block:
    """Places that move as one."""

    position: int = 0
    pulls: list[_Pull] = field(default_factory=list)
    after: dict[int, int] = field(default_factory=dict)
    """Blocks below, and how far below at least."""
    before: dict[int, int] = field(default_factory=dict)
    """Blocks above, and how far above at least."""


class _Blocks:
    def __init__(self, layered: Layered, extents: list[Extent]) -> None:
        self.layered = layered
        self.extents = extents
        self.block = [-1] * len(extents)
        self.offset = [0] * len(extents)
        self.blocks: list[_Block] = []

    def start(self, vertex: int) -> int:
        """The first cell of a vertex across the flow."""
        return self.blocks[self.block[vertex]].position + self.offset[vertex]

    def straighten(self, order: Order) -> None:
        """Choose the straight wires and make the blocks."""
        chosen = self._chosen(order)
        for vertices in order:
            for vertex in vertices:
                wire = chosen.get(vertex)
                if wire is None:
                    self.block[vertex] = len(self.blocks)
                    self.blocks.append(_Block())
                else:
                    self.block[vertex] = self.block[wire.tail]
                    self.offset[vertex] = self.offset[wire.tail] - self._distance(wire)
        for wires in self.layered.wires:
            for wire in wires:
                self._pull(wire)

    def keep_apart(self, order: Order, gaps: Gaps) -> None:
        """Note how far apart neighbours must be, and put every block as far up as it goes."""
        for vertices in order:
            for upper, lower in pairwise(vertices):
                beside = self.layered.waypoint(upper) or self.layered.waypoint(lower)
                gap = gaps.wires if beside else gaps.boxes
                distance = self.offset[upper] + self.extents[upper].size + gap - self.offset[lower]
                a, b = self.block[upper], self.block[lower]
                distance = max(distance, self.blocks[a].after.get(b, distance))
                self.blocks[a].after[b] = self.blocks[b].before[a] = distance
        self._stack()

    def settle(self) -> None:
        """Move blocks, alone or with those in their way, while that shortens wires."""
        order = sorted(range(len(self.blocks)), key=lambda b: self.blocks[b].position)
        for _ in range(ROUNDS):
            moved = [self._move(block, 1) for block in reversed(order)]
            moved += [self._move(block, -1) for block in order]
            if not any(moved):
                break

    def _distance(self, wire: Wire) -> int:
        """How far its head starts above its tail's start where the wire is straight."""
        return (
            self.extents[wire.head].entries[wire.entry] - self.extents[wire.tail].exits[wire.exit]
        )

    def _chosen(self, order: Order) -> dict[int, Wire]:
        """For every vertex the straight wire into it, where there is one."""
        rank = {vertex: i for vertices in order for i, vertex in enumerate(vertices)}
        chosen: dict[int, Wire] = {}
        for wires in self.layered.wires:
            straight = _Straight()
            for wire in sorted(wires, key=lambda w: (*self._urgency(w), rank[w.head], w.entry)):
                if straight.add(rank[wire.tail], rank[wire.head]):
                    chosen[wire.head] = wire
        return chosen

    def _urgency(self, wire: Wire) -> tuple[int, int]:
        return -_weight(self.layered, wire), -self.layered.height[wire.head]

    def _pull(self, wire: Wire) -> None:
        a, b = self.block[wire.tail], self.block[wire.head]
        distance = self.offset[wire.tail] - self.offset[wire.head] - self._distance(wire)
        weight = _weight(self.layered, wire)
        if a != b:
            self.blocks[a].pulls.append(_Pull(b, distance, weight))
            self.blocks[b].pulls.append(_Pull(a, -distance, weight))

    def _stack(self) -> None:
        waiting = [len(block.before) for block in self.blocks]
        ready = [i for i, count in enumerate(waiting) if not count]
        for upper in ready:
            for lower, distance in self.blocks[upper].after.items():
                block = self.blocks[lower]
                block.position = max(block.position, self.blocks[upper].position + distance)
                waiting[lower] -= 1
                if not waiting[lower]:
                    ready.append(lower)

    def _move(self, seed: int, way: int) -> bool:
        """Move a block down (1) or up (-1) as far as that shortens wires; whether it moved."""
        moved = False
        while self._gain({seed}, way) > 0:
            group = self._group(seed, way)
            if self._gain(group, way) <= 0:
                break
            step = self._step(group, way)
            for i in group:
                self.blocks[i].position += way * step
            moved = True
        return moved

    def _group(self, seed: int, way: int) -> set[int]:
        """A block and everything that it pushes."""
        group, stack = {seed}, [seed]
        while stack:
            i = stack.pop()
            for other, slack in self._slacks(i, way):
                if not slack and other not in group:
                    group.add(other)
                    stack.append(other)
        return group

    def _slacks(self, i: int, way: int) -> list[tuple[int, int]]:
        block = self.blocks[i]
        bounds = block.after if way > 0 else block.before
        return [
            (other, way * (self.blocks[other].position - block.position) - distance)
            for other, distance in bounds.items()
        ]

    def _stretch(self, i: int, pull: _Pull, way: int) -> int:
        """How far a wire pulls a block along the way; negative: it pulls back."""
        return way * (self.blocks[pull.other].position - pull.distance - self.blocks[i].position)

    def _gain(self, group: set[int], way: int) -> int:
        return sum(
            pull.weight if self._stretch(i, pull, way) > 0 else -pull.weight
            for i in group
            for pull in self.blocks[i].pulls
            if pull.other not in group
        )

    def _step(self, group: set[int], way: int) -> int:
        """How far the group may go before its gain changes."""
        steps = [
            stretch
            for i in group
            for pull in self.blocks[i].pulls
            if pull.other not in group and (stretch := self._stretch(i, pull, way)) > 0
        ]
        slacks = [s for i in group for other, s in self._slacks(i, way) if other not in group]
        return min(steps + slacks)
