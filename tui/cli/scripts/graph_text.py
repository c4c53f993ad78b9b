"""A graph and its backward pass as lines of text: one row a node, with lanes for the edges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from engine.autograd.graph import Backward, Node, NodeGradient
from engine.autograd.values import Value, number_text, shape_text
from engine.plurals import counted
from tui.cli.printing.table import LIMIT, Column, table
from tui.cli.scripts.graph_choice import ChosenGraph
from tui.diagram.layout.rails import LANES, rails
from tui.kit.glyphs import GraphGlyphs
from tui.kit.text import safe
from tui.script.value_text import short

WIDE = 100
"""From so many columns on there is room for shapes and the numbers of a node's inputs."""
ASSIGNMENT = re.compile(r"[^=(\"']*[^=!<>(\"']=[^=]")
"""How the text of a line begins that assigns something."""
LANE = 10
"""For so many columns of the terminal there may be a lane."""


def lines(shown: ChosenGraph, width: int, glyphs: GraphGlyphs) -> Iterator[str]:
    """Yield headings, a row for every node in backward order, and the leaves' gradients.

    The rows are at most so many cells wide.
    """
    backward, graph = shown.backward, shown.backward.graph
    yield _heading(backward)
    if heading := pass_heading(shown):
        yield heading
    lanes = rails(graph, glyphs, max(2, min(LANES, width // LANE)))
    rows = table(list(_columns(backward, wide=width >= WIDE)), width - lanes.width - 1)
    yield f"{' ' * lanes.width} {next(rows)}"
    for node, row in zip(graph.nodes, rows, strict=True):
        picture = "".join(span.text for span in lanes.row(node.id))
        yield f"{picture} {row}"
    yield from _leaves(backward, width)
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


def _made_by(node: Node, text: str) -> str:
    """The source text that made a node, after the place where it is in another file."""
    return text if node.file is None else f"{node.file}:{node.line}  {text}"


def _heading(backward: Backward) -> str:
    graph = backward.graph
    roots = [graph.nodes[root] for root in graph.roots]
    names = ", ".join(safe(root.name or root.op) for root in roots)
    order = "in backward order" if backward.gradients else "no backward pass"
    nodes, edges = counted(len(graph.nodes), "node"), counted(len(graph.edges), "edge")
    return f"graph of {names}: {nodes}, {edges}, {order}"


def _columns(backward: Backward, *, wide: bool) -> Iterator[Column]:
    """Yield what there is to say of the nodes: where there is room, more."""
    graph, nodes = backward.graph, backward.graph.nodes
    yield Column.of("id", [str(node.id) for node in nodes])
    yield Column.of("op", [safe(node.op) for node in nodes])
    names = [safe(node.name or "") for node in nodes]
    if wide:
        yield Column.names("name", names, names)
        yield Column.of("made by", [safe(_made_by(node, node.expression or "")) for node in nodes])
        inputs = (" ".join(str(edge.source) for edge in graph.into[node.id]) for node in nodes)
        yield Column.of("inputs", list(inputs))
        shapes = ("" if node.shape is None else shape_text(node.shape) for node in nodes)
        yield Column.of("shape", list(shapes))
    else:
        tensors = [safe(_made_by(node, _equation(node))) for node in nodes]
        yield Column.names("tensor", tensors, names)
    yield _numbers("value", [() if node.value is None else (node.value,) for node in nodes])
    if backward.gradients:
        passed = {gradient.node: gradient for gradient in backward.gradients}
        yield _numbers("gradient", [_incoming(node, passed) for node in nodes])


def _equation(node: Node) -> str:
    """Return `y = x + 2`; the name or the source text alone where there is only one of them.

    A whole line, as of a custom Function, says by itself what it gives a name to.
    """
    if node.expression and ASSIGNMENT.match(node.expression):
        return node.expression
    return " = ".join(text for text in (node.name, node.expression) if text)


def _numbers(heading: str, values: Sequence[Sequence[Value | None]]) -> Column:
    return Column.cut(
        heading, lambda width: [", ".join(short(one, width) for one in some) for some in values]
    )


def _incoming(node: Node, passed: dict[int, NodeGradient]) -> Sequence[Value | None]:
    return passed[node.id].incoming if node.id in passed else ()


def _leaves(backward: Backward, width: int) -> Iterator[str]:
    for gradient in backward.gradients:
        if gradient.grad_after is None:
            continue
        node = backward.graph.nodes[gradient.node]
        name = safe(node.name or f"leaf {node.id}")
        room = min(LIMIT, (width - cell_len(f"{name}.grad: , then ")) // 2)
        before, after = (short(v, room) for v in (gradient.grad_before, gradient.grad_after))
        yield f"{name}.grad: {before}, then {after}"
