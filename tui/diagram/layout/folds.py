"""Structure in a long graph, one row each: what a module ran, or one round of a loop.

A fold takes nodes that follow each other in backward order, so the folded graph is in backward
order too, whatever lies inside, and is drawn by the same code as any other.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile

from engine.autograd.graph import Edge, Graph, Node

FOLD_OP = "fold"
"""The op of a node that stands for several."""

FEWEST_ROUNDS = 3
"""What comes less often than this is not taken for a loop."""

Groups = tuple[str, ...]
"""For every node the structure it belongs to; empty where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """A graph with some of its structure folded."""

    graph: Graph
    """A node a row; that of a fold has the op `FOLD_OP` and the structure's name as module."""
    members: tuple[range, ...]
    """Which nodes of the whole graph each row stands for."""
    row_of: array[int]
    """By node of the whole graph."""


def groups(graph: Graph) -> Groups:
    """Return each node's repeated block (`layers.3`), without modules its round of a loop.

    A leaf belongs to what uses it, where that is one block.
    """
    if any(node.module for node in graph.nodes):
        return _with_leaves(graph, [_block(node.module) for node in graph.nodes])
    return _with_leaves(graph, _rounds(graph))


def folded(graph: Graph, structure: Groups, closed: frozenset[str]) -> Folded:
    """Return the graph with each run of two or more nodes of a closed structure in one row."""
    count = len(graph.nodes)
    alone = map(range, range(count), range(1, count + 1))
    members = _runs(structure, closed) if closed else tuple(alone)
    if len(members) == count:
        return Folded(graph, members, array("q", range(count)))
    row_of = array("q", (row for row, inside in enumerate(members) for _ in inside))
    nodes = tuple(
        replace(graph.nodes[inside[0]], id=row)
        if len(inside) == 1
        else Node(row, FOLD_OP, module=structure[inside[0]], shape=graph.nodes[inside[0]].shape)
        for row, inside in enumerate(members)
    )
    roots = tuple(dict.fromkeys(row_of[root] for root in graph.roots))
    return Folded(Graph(nodes, _edges(graph, row_of), roots), members, row_of)


def _block(module: str | None) -> str:
    """Up to the first number in a module's path; all of a path without one."""
    parts = (module or "").split(".")
    before = list(takewhile(lambda part: not part.isdigit(), parts))
    return ".".join(parts[: len(before) + 1])


def _with_leaves(graph: Graph, of_ops: Sequence[str]) -> Groups:
    structure = list(of_ops)
    for node in graph.leaves:
        users = {structure[edge.target] for edge in graph.out_of[node.id]}
        structure[node.id] = users.pop() if len(users) == 1 else ""
    return tuple(structure)


def _runs(structure: Groups, closed: frozenset[str]) -> tuple[range, ...]:
    runs: list[range] = []
    for name, nodes in groupby(range(len(structure)), key=structure.__getitem__):
        inside = list(nodes)
        if name in closed and len(inside) > 1:
            runs.append(range(inside[0], inside[-1] + 1))
        else:
            runs += (range(node, node + 1) for node in inside)
    return tuple(runs)


def _edges(graph: Graph, row_of: Sequence[int]) -> tuple[Edge, ...]:
    """Those between rows; numbered anew, because a fold has the inputs of all its nodes."""
    between = sorted(
        (row_of[edge.target], edge.target, edge.index, row_of[edge.source], edge.output)
        for edge in graph.edges
        if row_of[edge.target] != row_of[edge.source]
    )
    return tuple(
        Edge(target, index, source, output)
        for target, edges in groupby(between, key=lambda edge: edge[0])
        for index, (_, _, _, source, output) in enumerate(edges)
    )


def _rounds(graph: Graph) -> list[str]:
    """`round 3 of 48` along the longest stretch in which ops and shapes repeat."""
    ops = [node.id for node in graph.nodes if not node.is_leaf]
    kinds = [(graph.nodes[node].op, graph.nodes[node].shape) for node in ops]
    names = [""] * len(graph.nodes)
    best = max((_stretch(kinds, period) for period in _periods(kinds)), key=_length, default=None)
    if best is None or _length(best) < FEWEST_ROUNDS * best.step:
        return names
    total = _length(best) // best.step
    for index in range(total * best.step):
        names[ops[best.start + index]] = f"round {index // best.step + 1} of {total}"
    return names


def _periods(kinds: Sequence[object]) -> list[int]:
    """The commonest distances from one node to the next of its kind."""
    last: dict[object, int] = {}
    gaps: Counter[int] = Counter()
    for index, kind in enumerate(kinds):
        if kind in last:
            gaps[index - last[kind]] += 1
        last[kind] = index
    return [gap for gap, _ in gaps.most_common(8)]


def _stretch(kinds: Sequence[object], period: int) -> range:
    """The longest stretch that repeats with this period, which is the range's step."""
    start, longest = 0, range(0, 0, period)
    for index in range(len(kinds) - period):
        if kinds[index] != kinds[index + period]:
            start = index + 1
        elif index + 1 + period - start > _length(longest):
            longest = range(start, index + 1 + period, period)
    return longest


def _length(stretch: range) -> int:
    return stretch.stop - stretch.start
