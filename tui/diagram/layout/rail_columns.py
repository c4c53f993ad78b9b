"""What stands beside the rails: a node a row in columns whose widths depend on the graph alone.

Nothing that arrives later, like a gradient, can move anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.autograd.graph import Graph, Node, NodeGradient
from engine.autograd.values import shape_text
from engine.ranks.drawn_reductions import Reduced
from tui.diagram.layout.boxes import kind_of
from tui.diagram.layout.folds import FOLD_OP
from tui.diagram.layout.reduction_text import going_in
from tui.kit.spans import Row, Span
from tui.kit.text import duration_text, fit, safe, size_text, tail
from tui.script.value_text import brief

GAP = 2
"""Blank cells after every column."""
OP_LIMIT, NAME_LIMIT, SHAPE_LIMIT = 20, 28, 14
NUMBERS_LEAST = 9
"""A column of numbers that is narrower says nothing."""
NUMBERS_MOST = 26
NAME_SHORT = 12
"""Cells for a name where there is little room."""
COST = 7
"""Cells for what a node keeps in memory, and for the time it took."""
WORTH = 1_000
"""Bytes that a node must keep until memory and time are worth a column."""
SAMPLE = 2_000
"""So many nodes are looked at for the widths."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What a node costs, or all nodes of a fold together."""

    nodes: int
    keeps: int
    """Bytes that they keep alive for backward."""
    seconds: float
    """The time that backward took for them, as far as it has come."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in cells; 0 leaves a column out."""

    op: int
    name: int
    shape: int
    value: int
    gradient: int
    keeps: int = 0
    time: int = 0

    @property
    def titles(self) -> str:
        """The titles of all columns, as one row."""
        words = ("op", "name", "shape", "value", "gradient", "keeps", "time")
        return "".join(_cell(word, width) for word, width in zip(words, self._all, strict=True))

    def row(
        self,
        graph: Graph,
        node: Node,
        gradient: NodeGradient | None,
        costs: Costs,
        key: int,
    ) -> Row:
        """Return the cells of a node, or of a fold of several, all with the same key."""
        kind = kind_of(graph, node.id)
        if node.op == FOLD_OP:
            label = f"{safe(node.module or '')} · {costs.nodes:,} nodes"
            first = [Span(_cell(label, self.op + self.name + GAP * (self.name > 0)), "fold", key)]
        else:
            op = "leaf" if node.is_leaf else safe(node.title)
            first = [Span(_cell(op, self.op), f"{kind} title", key), self._name(node, key)]
        shape = "" if node.shape is None else shape_text(node.shape)
        value = brief(node.value, self.value) if node.value else ""
        into = isinstance(gradient, Reduced)
        if isinstance(gradient, Reduced):
            value = going_in(gradient, self.value)
        arrived = "" if gradient is None else _gradient(node, gradient, self.gradient)
        return (
            *first,
            Span(_cell(shape, self.shape), "faint", key),
            Span(_cell(value, self.value), "gradient" if into else "value", key),
            Span(_cell(arrived, self.gradient), "gradient", key),
            Span(_cell(size_text(costs.keeps) if costs.keeps else "", self.keeps), "value", key),
            Span(
                _cell(duration_text(costs.seconds) if costs.seconds else "", self.time),
                "gradient",
                key,
            ),
        )

    @property
    def _all(self) -> tuple[int, ...]:
        return (self.op, self.name, self.shape, self.value, self.gradient, self.keeps, self.time)

    def _name(self, node: Node, key: int) -> Span:
        if node.name:
            return Span(_cell(tail(safe(node.name), self.name), self.name), "name", key)
        where = node.expression or node.module or ""
        return Span(_cell(safe(where), self.name), "expression", key)


def fitted(graph: Graph, room: int) -> Columns:
    """Return columns for so many cells: where there are few the name goes short, then costs go.

    With fewer still the shape goes, and then the numbers.
    """
    nodes = graph.nodes[:: len(graph.nodes) // SAMPLE + 1]
    op = _widest((node.title for node in nodes if not node.is_leaf), 4, OP_LIMIT)
    shape = _widest((shape_text(node.shape or ()) for node in nodes), 5, SHAPE_LIMIT)
    known = any((node.keeps or 0) >= WORTH for node in nodes)
    name = _widest((node.name or node.expression or node.module or "" for node in nodes),
                   4, NAME_LIMIT)  # fmt: skip
    short = min(name, NAME_SHORT)
    wanted = [(name, shape, COST), (short, shape, COST)] if known else []
    wanted += [(name, shape, 0), (short, shape, 0), (short, 0, 0)]
    for name_width, shape_width, costs in wanted:
        taken = (op, name_width, shape_width, costs, costs)
        rest = room - sum(width + GAP for width in taken if width)
        numbers = min(rest // 2 - GAP, NUMBERS_MOST)
        if numbers >= NUMBERS_LEAST:
            return Columns(op, name_width, shape_width, numbers, numbers, costs, costs)
    return Columns(op, max(min(name, room - op - 2 * GAP), 0), 0, 0, 0)


def _widest(texts: Iterable[str], least: int, most: int) -> int:
    return max(least, min(most, max(map(len, texts), default=0)))


def _cell(text: str, width: int) -> str:
    return fit(text, width) + " " * GAP if width else ""


def _gradient(node: Node, gradient: NodeGradient, width: int) -> str:
    after = node.is_leaf or isinstance(gradient, Reduced)
    values = (gradient.grad_after,) if after else gradient.incoming
    value = next((value for value in values if value is not None), None)
    return brief(value, width) if value is not None else ""
