"""How much is written in each box of a graph: as much as there is room for, box by box.

All boxes get the same detail first; those that take least room for it then get one step more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

from engine.autograd.graph import Graph
from tui.diagram.layout.box_text import Detail
from tui.diagram.layout.boxes import Box, area, arrange, size_of
from tui.diagram.layout.layout import Direction, Layout, Size

DETAILS: tuple[Detail, ...] = ("large", "full", "values", "narrow", "compact", "title")
USUAL: Detail = "full"
"""What there is most of outside of lectures."""
FALLBACK: Detail = "compact"
"""Of what fits nowhere."""
DIRECTIONS: tuple[Direction, ...] = ("right", "down")

Written = Callable[[Detail], Sequence[Box]]
"""The boxes of all nodes with so much detail."""


class Drawn(NamedTuple):
    """Where boxes are, and how much is written in each."""

    layout: Layout
    details: tuple[Detail, ...]
    """By node."""

    def boxes(self, written: Written) -> list[Box]:
        """Return the boxes as they are to be painted."""
        return [written(detail)[node] for node, detail in enumerate(self.details)]


def drawn(graph: Graph, written: Written, room: Size, most: Detail = USUAL) -> Drawn | None:
    """Return the most detailed boxes that fit; else some that are to be scrolled over.

    `most` is the detail that no box exceeds. None where the graph is too large for boxes at all.
    """
    best: Layout | None = None
    for detail, direction in product(DETAILS[DETAILS.index(most) :], DIRECTIONS):
        boxes = written(detail)
        if detail != FALLBACK and area(boxes) > room.width * room.height:
            continue
        layout = arrange(graph, boxes, direction)
        if layout is None:
            return None
        if layout.fits(*room):
            return _enriched(graph, written, Drawn(layout, (detail,) * len(boxes)), room, most)
        if detail == FALLBACK and (best is None or layout.height < best.height):
            best = layout
    return Drawn(best, (FALLBACK,) * len(graph.nodes)) if best else None


def extent(graph: Graph, written: Written, like: Drawn) -> Size:
    """Return how many cells a graph takes with the detail that most of another one's boxes have."""
    detail = max(set(like.details), key=like.details.count)
    layout = arrange(graph, written(detail), like.layout.direction)
    return Size(layout.width, layout.height) if layout else Size(0, 0)


def _enriched(graph: Graph, written: Written, uniform: Drawn, room: Size, most: Detail) -> Drawn:
    """With the next detail in as many boxes as fit, those first that grow least by it."""
    detail = uniform.details[0]
    if detail in (most, USUAL):  # air is for all boxes or for none
        return uniform
    more = DETAILS[DETAILS.index(detail) - 1]
    grown = list(map(_growth, written(detail), written(more)))
    order = sorted(range(len(grown)), key=lambda node: (grown[node], node))
    best, few, many = uniform, 0, len(order)
    while few < many:
        middle = (few + many + 1) // 2
        chosen = frozenset(order[:middle])
        details = tuple(more if node in chosen else detail for node in range(len(order)))
        boxes = Drawn(uniform.layout, details).boxes(written)
        layout = arrange(graph, boxes, uniform.layout.direction)
        if layout is not None and layout.fits(*room):
            best, few = Drawn(layout, details), middle
        else:
            many = middle - 1
    return best


def _growth(box: Box, richer: Box) -> int:
    """By how many cells a box grows with more in it."""
    before, after = size_of(box), size_of(richer)
    return after.width * after.height - before.width * before.height
