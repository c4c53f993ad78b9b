"""A graph and its backward pass as lines of text: one row a node, with lanes for the edges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from engine.autograd.graph import Backward, Graph, Node, NodeGradient
from engine.autograd.values import Value, number_text, shape_text
from tui.cli.graph_choice import ChosenGraph
from tui.diagram.layout.rails import LANES, rails
from tui.kit.glyphs import GraphGlyphs
from tui.kit.text import counted, fit, safe
from tui.script.value_text import short

GAP = "  "
TEXT_LEAST, TEXT_LIMIT = 12, 32
"""Cells of a column of names or source text, at least and at most: a sixth of the line."""
MADE_BY_LIMIT = 60
"""Cells of the column of source text, at most: a fifth of the line."""
VALUE_LEAST, VALUE_LIMIT = 10, 60
"""Cells of a column of numbers: what is left on the line."""
WIDE = 100
"""From so many columns on there is room for the numbers of a node's inputs."""


def lines(shown: ChosenGraph, width: int, glyphs: GraphGlyphs) -> Iterator[str]:
    """Yield headings, a row for every node in backward order, and the leaves' gradients."""
    backward, graph = shown.backward, shown.backward.graph
    yield _heading(backward)
    if heading := pass_heading(shown):
        yield heading
    lanes = rails(graph, glyphs, max(2, min(LANES, width // 8)))
    text_width = max(TEXT_LEAST, min(TEXT_LIMIT, width // 6))
    limits = {"made by": max(TEXT_LEAST, min(MADE_BY_LIMIT, width // 5))}
    columns = [
        _column(texts, limits.get(texts[0], text_width))
        for texts in _facts(graph, inputs=width >= WIDE)
    ]
    left = width - lanes.width - sum(len(GAP) + cell_len(column[0]) for column in columns)
    columns += _numbers(backward, left)
    yield " " * lanes.width + _row(columns, 0)
    for node in graph.nodes:
        picture = "".join(span.text for span in lanes.row(node.id))
        yield picture + _row(columns, node.id + 1)
    yield from _leaves(backward)
    if backward.error:
        yield f"the pass stopped: {safe(backward.error)}"


def pass_heading(shown: ChosenGraph) -> str:
    """Return `pass 1,250 of 5,000 · epoch 2, i 50 · loss 0.123`; empty for an only pass."""
    if shown.number is None or (shown.passes < 2 and not shown.variables):
        return ""
    failed = " failed" if shown.backward.error else ""
    parts = [f"pass {shown.number:,} of {shown.passes:,}{failed}"]
    if shown.variables:
        parts.append(", ".join(f"{name} {text}" for name, text in shown.variables.items()))
    if shown.loss is not None:
        parts.append(f"loss {number_text(shown.loss)}")
    return safe(" · ".join(parts))


def _made_by(node: Node) -> str:
    """The source text that made a node, after the place where it is in another file."""
    text = node.expression or ""
    return text if node.file is None else f"{node.file}:{node.line}  {text}"


def _heading(backward: Backward) -> str:
    graph = backward.graph
    roots = [graph.nodes[root] for root in graph.roots]
    names = ", ".join(safe(root.name or root.op) for root in roots)
    order = "in backward order" if backward.gradients else "no backward pass"
    nodes, edges = counted(len(graph.nodes), "node"), counted(len(graph.edges), "edge")
    return f"graph of {names}: {nodes}, {edges}, {order}"


def _facts(graph: Graph, *, inputs: bool) -> Iterator[list[str]]:
    nodes = graph.nodes
    yield ["id", *(str(node.id) for node in nodes)]
    yield ["op", *(safe(node.op) for node in nodes)]
    yield ["name", *(safe(node.name or "") for node in nodes)]
    yield ["made by", *(safe(_made_by(node)) for node in nodes)]
    if inputs:
        yield ["inputs", *(" ".join(str(e.source) for e in graph.into[n.id]) for n in nodes)]
    yield ["shape", *("" if node.shape is None else shape_text(node.shape) for node in nodes)]


def _numbers(backward: Backward, left: int) -> list[list[str]]:
    """The columns of values and of gradients, in the cells that are left on the line."""
    count = 2 if backward.gradients else 1
    width = max(VALUE_LEAST, min(VALUE_LIMIT, left // count - len(GAP)))
    nodes = backward.graph.nodes
    columns = [["value", *(_number(node.value, width) for node in nodes)]]
    if backward.gradients:
        passed = {gradient.node: gradient for gradient in backward.gradients}
        texts = [_incoming(node, passed, width) for node in nodes]
        columns.append(["gradient", *texts])
    return [_column(column, width) for column in columns]


def _incoming(node: Node, passed: dict[int, NodeGradient], width: int) -> str:
    if node.id not in passed:
        return ""
    return ", ".join(short(value, width) for value in passed[node.id].incoming)


def _number(value: Value | None, width: int) -> str:
    return "" if value is None else short(value, width)


def _leaves(backward: Backward) -> Iterator[str]:
    for gradient in backward.gradients:
        if gradient.grad_after is None:
            continue
        node = backward.graph.nodes[gradient.node]
        name = safe(node.name or f"leaf {node.id}")
        before, after = (short(v, VALUE_LIMIT) for v in (gradient.grad_before, gradient.grad_after))
        yield f"{name}.grad: {before}, then {after}"


def _column(texts: Sequence[str], limit: int) -> list[str]:
    """Texts in equally many cells: what the longest needs, but at most the limit."""
    width = min(limit, max(map(cell_len, texts)))
    return [fit(text, width) for text in texts]


def _row(columns: Sequence[Sequence[str]], row: int) -> str:
    return "".join(GAP + column[row] for column in columns).rstrip()
