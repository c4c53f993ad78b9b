"""A graph drawn with one row a node, in backward order, and lanes on the left.

As `git log --graph` draws commits. A lane runs from the first user of a node down to the
node; all further users join it, so a weight that is used 800 times takes one lane. Only
what a row needs is kept, as bits, so 100,000 rows are quick to build and cheap to draw.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import groupby

from engine.autograd.graph import Graph
from tui.diagram.layout.boxes import kind_of
from tui.kit.glyphs import DOWN, LEFT, RIGHT, UP, GraphGlyphs
from tui.kit.spans import Row, Span

LANES = 20
"""How many lanes are shown unless the caller says otherwise."""


@dataclass(frozen=True, slots=True, eq=False)
class Rails:
    """The lanes beside every row.

    Masks have a bit for every lane that may be shown, and the next for all the others.
    """

    graph: Graph
    glyphs: GraphGlyphs
    limit: int
    """How many lanes are shown at most; what lies beyond shares one more."""
    lanes: int
    """How many there are, the shared one included."""
    lane: array[int]
    """The lane of every node, by its id."""
    above: array[int]
    """Masks of the lanes that come from the row before."""
    below: array[int]
    """Masks of the lanes that go on to the next row."""
    joined: array[int]
    """Masks of the lanes to a node's inputs; its own lane may be one."""

    @property
    def width(self) -> int:
        """The number of cells that the lanes take in every row."""
        return max(2 * self.lanes - 1, 0)

    def row(self, node: int) -> Row:
        """Return the lanes of a node's row, `width` cells wide.

        The node's mark has its kind as role and its id as key. Lanes have the role `edge`,
        and the node's id as key where they turn off to its inputs. Blanks have no role.
        """
        spans = []
        for (role, key), cells in groupby(self._cells(node), key=lambda cell: cell[1:]):
            spans.append(Span("".join(text for text, _, _ in cells), role, key))
        return tuple(spans)

    def _cells(self, node: int) -> Iterator[tuple[str, str, int]]:
        """Text, role and key of every cell of a row."""
        own, kind = self.lane[node], kind_of(self.graph, node)
        ends = self.joined[node] | 1 << own
        first, last = (ends & -ends).bit_length() - 1, ends.bit_length() - 1
        level = self.glyphs.lines[LEFT | RIGHT]
        for lane in range(self.lanes):
            if lane == own:
                yield self.glyphs.marks[kind], kind, node
            else:
                arms = RIGHT * (first <= lane < last) | LEFT * (first < lane <= last)
                text = self._glyph(node, lane, arms)
                yield text, "edge" if text != " " else "", node if arms else -1
            if lane < self.lanes - 1:
                yield (level, "edge", node) if first <= lane < last else (" ", "", -1)

    def _glyph(self, node: int, lane: int, arms: int) -> str:
        """A lane beside a node, with its arms to the left and right given."""
        passing = UP * (self.above[node] >> lane & 1) | DOWN * (self.below[node] >> lane & 1)
        if lane == self.limit and passing:
            return self.glyphs.overflow
        if passing and arms and not self.joined[node] >> lane & 1:
            return self.glyphs.crossing
        return self.glyphs.lines[arms | passing]


def rails(graph: Graph, glyphs: GraphGlyphs, limit: int = LANES) -> Rails:
    """Return lanes for all rows, of which up to `limit` are shown (at most 62).

    Takes time in proportion to nodes and edges.
    """
    lanes = _Lanes(limit)
    is_leaf = [node.is_leaf for node in graph.nodes]
    sources: list[list[int]] = [[] for _ in is_leaf]
    for edge in graph.edges:
        sources[edge.target].append(edge.source)
    rows = []
    for node, found in enumerate(sources):
        if len(found) > 1:
            found = sorted(dict.fromkeys(found), key=is_leaf.__getitem__)
        rows.append(lanes.step(node, found))
    columns = (array("q", column) for column in zip(*rows, strict=True)) if rows else _NO_COLUMNS
    return Rails(graph, glyphs, limit, min(lanes.count, limit + 1), *columns)


_NO_COLUMNS = tuple(array("q") for _ in range(4))


class _Lanes:
    """The lanes in use while rows are passed from the root to the leaves."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.count = 0
        self.free: list[int] = []
        self.lane: dict[int, int] = {}
        """By the node to which each leads."""
        self.mask = 0
        self.ended: int | None = None
        """The lane that ended in the row before."""
        self.beyond = 0
        """How many lanes in use are beyond the limit."""

    def step(self, node: int, sources: list[int]) -> tuple[int, int, int, int]:
        """Pass one row: its lane, and the masks above, below and joined.

        The first source to which no lane leads yet goes on in the node's own lane.
        """
        above = self._seen()
        own = self.lane.pop(node, None)
        if own is None:
            own = self._started()
        elif len(sources) == 1 and sources[0] not in self.lane:  # as most are: it goes straight on
            self.lane[sources[0]], self.ended = own, None
            shown = own if own < self.limit else self.limit
            return shown, above, above, 1 << shown
        fresh = [source for source in sources if source not in self.lane]
        for i, source in enumerate(fresh):
            self.lane[source] = own if i == 0 else self._taken()
        self.ended = None if fresh else own
        if not fresh:
            self._release(own)
        joined = 0
        for source in sources:
            joined |= 1 << min(self.lane[source], self.limit)
        return min(own, self.limit), above, self._seen(), joined

    def _seen(self) -> int:
        return self.mask | bool(self.beyond) << self.limit

    def _started(self) -> int:
        """A lane for one more root, not right below where another ended."""
        lane = self._taken()
        if lane != self.ended:
            return lane
        other = self._taken()
        self._release(lane)
        return other

    def _taken(self) -> int:
        """The leftmost lane that is not in use."""
        lane = heappop(self.free) if self.free else self.count
        self.count = max(self.count, lane + 1)
        if lane < self.limit:
            self.mask |= 1 << lane
        else:
            self.beyond += 1
        return lane

    def _release(self, lane: int) -> None:
        heappush(self.free, lane)
        if lane < self.limit:
            self.mask &= ~(1 << lane)
        else:
            self.beyond -= 1
