"""A graph as Graphviz source, for those who want a file. Torch-free."""

from __future__ import annotations

from engine.autograd.graph import Graph, Node
from engine.autograd.values import number_text, shape_text

EXPRESSION = 60
"""At most so many characters of source text stand in a box."""


def dot(graph: Graph) -> str:
    """Graphviz source, drawn in the direction of the forward pass, leaves double-bordered."""
    lines = [
        "digraph autograd {",
        "  rankdir=LR;",
        '  node [shape=box, fontname="monospace"];',
    ]
    lines += (f"  {node.id} [{_attributes(node, node.id in graph.roots)}];" for node in graph.nodes)
    lines += (
        f"  {edge.source} -> {edge.target}"
        + (f" [taillabel={edge.output}];" if edge.output else ";")
        for edge in graph.edges
    )
    return "\n".join([*lines, "}", ""])


def _attributes(node: Node, root: bool) -> str:
    texts = [node.title]
    if not node.is_leaf and node.name:
        texts[0] += f" → {node.name}"
    if node.expression:
        long = len(node.expression) > EXPRESSION
        texts.append(node.expression[: EXPRESSION - 1] + "…" if long else node.expression)
    if node.shape is not None:
        texts.append(f"{shape_text(node.shape)} {node.dtype}")
    if node.value is not None and node.value.whole and len(node.value.numbers) == 1:
        texts.append("= " + number_text(node.value.numbers[0]))
    shape = ", peripheries=2, color=darkgreen" if node.is_leaf else ""
    style = ", style=bold" if root else ""
    return f"label={_quoted(texts)}{shape}{style}"


def _quoted(texts: list[str]) -> str:
    """A quoted string of lines: nothing in it is an escape or can end it."""
    clean = (
        "".join(c if c.isprintable() else "�" for c in text)
        .replace("\\", "\\\\")
        .replace('"', '\\"')
        for text in texts
    )
    return '"' + "\\n".join(clean) + '"'
