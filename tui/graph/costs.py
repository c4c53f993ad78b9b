"""What a backward pass costs in memory and time, over lines, blocks, modules, ops or nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.autograd.graph import Graph, Node, NodeGradient
from tui.diagram.layout import folds
from tui.kit.text import safe

By = Literal["line", "block", "module", "op", "node"]
GROUPINGS: tuple[By, ...] = ("line", "block", "module", "op", "node")
"""A block is what `z` folds: a module with all in it, or a round of a loop."""
Sorting = Literal["memory", "time"]


@dataclass(frozen=True, slots=True)
class CostRow:
    """Some nodes of a graph, and what they cost together."""

    label: str
    """What they have in common, safe to show."""
    nodes: int
    keeps: int
    """Bytes that only what they have saved keeps alive."""
    seconds: float
    """What backward took for them."""
    node: int
    """The id of the one that costs most."""


def cost_rows(
    graph: Graph, gradients: Mapping[int, NodeGradient], by: By, sorting: Sorting
) -> list[CostRow]:
    """Return the groups of a graph's nodes, those first that cost most."""
    blocks = folds.groups(graph) if by == "block" else ()
    key = (lambda node: blocks[node.id]) if by == "block" else _KEYS[by]
    groups: dict[str, list[Node]] = {}
    for node in graph.nodes:
        groups.setdefault(key(node), []).append(node)

    def seconds(node: Node) -> float:
        gradient = gradients.get(node.id)
        return (gradient.took or 0.0) if gradient is not None else 0.0

    def cost(node: Node) -> float:
        return (node.keeps or 0) if sorting == "memory" else seconds(node)

    rows = [
        CostRow(
            safe(_label(name, nodes, by)),
            len(nodes),
            sum(node.keeps or 0 for node in nodes),
            sum(map(seconds, nodes)),
            max(nodes, key=cost).id,
        )
        for name, nodes in groups.items()
    ]
    rows.sort(key=lambda row: -(row.keeps if sorting == "memory" else row.seconds))
    return rows


def _label(name: str, nodes: list[Node], by: By) -> str:
    """The name of a group, of a line with the longest text of it that made a node."""
    if not name:
        return "(leaves)" if all(node.is_leaf for node in nodes) else f"(no {by})"
    texts = [node.expression or "" for node in nodes] if by == "line" else [""]
    return f"{name}  {max(texts, key=len)}".rstrip()


def _line(node: Node) -> str:
    if node.line is None:
        return ""
    return f"{node.file}:{node.line}" if node.file else f"line {node.line}"


def _node(node: Node) -> str:
    name = node.name or node.expression or node.module or ""
    return f"{node.id:,}  {node.title}  {name}".rstrip()


_KEYS: dict[By, Callable[[Node], str]] = {
    "line": _line,
    "module": lambda node: node.module or "",
    "op": lambda node: "leaf" if node.is_leaf else node.title,
    "node": _node,
}
