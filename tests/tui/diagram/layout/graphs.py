"""Graphs to draw: written as data flows, or made up by Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from engine.autograd.graph import LEAF_OP, Edge, Graph, Node
from tui.diagram.layout.boxes import Box, BoxLine, kind_of

Step = tuple[str, tuple[int, ...]]
"""A leaf by its name, or an op with the places of the steps it uses."""


def flowing(*steps: Step) -> Graph:
    """The graph of some steps in forward order; nodes nobody uses are its roots."""
    last = len(steps) - 1
    nodes = tuple(
        Node(i, f"{name}Backward0" if inputs else LEAF_OP, name=None if inputs else name)
        for i, (name, inputs) in enumerate(reversed(steps))
    )
    edges = tuple(
        sorted(
            Edge(last - target, index, last - source)
            for target, (_, inputs) in enumerate(steps)
            for index, source in enumerate(inputs)
        )
    )
    used = {edge.source for edge in edges}
    graph = Graph(nodes, edges, tuple(node.id for node in nodes if node.id not in used))
    graph.check()
    return graph


def chain(length: int) -> Graph:
    """A leaf and ops in a row."""
    return flowing(("x", ()), *(("Add", (i,)) for i in range(length - 1)))


WORKED = flowing(("x", ()), ("Add", (0,)), ("Pow", (1,)), ("Mul", (2,)), ("Mean", (3,)))
SQUARE = flowing(("a", ()), ("Mul", (0, 0)), ("Sum", (1,)))
DIAMOND = flowing(("x", ()), ("Sin", (0,)), ("Cos", (0,)), ("Mul", (1, 2)))
REGRESSION = flowing(
    ("w", ()),
    ("Mm", (0,)),
    ("b", ()),
    ("Add", (1, 2)),
    ("Rsub", (3,)),
    ("Pow", (4,)),
    ("Mean", (5,)),
)
RESIDUAL = flowing(
    ("x", ()), ("w1", ()), ("T", (1,)), ("Mm", (0, 2)), ("b1", ()), ("Add", (3, 4)), ("Relu", (5,)),
    ("w2", ()), ("T", (7,)), ("Mm", (6, 8)), ("Add", (0, 9)), ("Sum", (10,)),
)  # fmt: skip
ATTENTION = flowing(
    ("x", ()), ("wq", ()), ("Mm", (0, 1)), ("wk", ()), ("Mm", (0, 3)), ("wv", ()), ("Mm", (0, 5)),
    ("T", (4,)), ("Mm", (2, 7)), ("Div", (8,)), ("Softmax", (9,)), ("Mm", (10, 6)),
    ("wo", ()), ("Mm", (11, 12)), ("Add", (0, 13)), ("Mean", (14,)),
)  # fmt: skip
SWAP = flowing(("a", ()), ("b", ()), ("Sub", (0, 1)), ("Sub", (1, 0)), ("Mul", (2, 3)))

EXAMPLES = (WORKED, SQUARE, DIAMOND, REGRESSION, RESIDUAL, ATTENTION, SWAP)


@st.composite
def graphs(draw: st.DrawFn, most: int = 12) -> Graph:
    """Any graph of up to so many nodes, with shared inputs and parallel edges."""
    steps: list[Step] = []
    for i in range(draw(st.integers(1, most))):
        inputs = draw(st.lists(st.integers(0, i - 1), max_size=4)) if i else []
        steps.append((f"n{i}", tuple(inputs)))
    return flowing(*steps)


def boxes_of(graph: Graph, *more: str) -> Sequence[Box]:
    """A box for every node, with its title and some more lines."""
    return [
        Box(
            node.id,
            (BoxLine(kind_of(graph, node.id), node.title), *(BoxLine("value", t) for t in more)),
        )
        for node in graph.nodes
    ]
