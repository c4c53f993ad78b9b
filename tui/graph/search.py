"""Finding nodes of a graph by what is written on them, as quickly as somebody types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from engine.autograd.graph import Graph, Node, NodeGradient
from engine.autograd.values import Value, shape_text

if TYPE_CHECKING:
    Gradients = Callable[[], Sequence[NodeGradient]]

NOT_FINITE = ("nan", "inf")
"""Words that find the nodes with such a value or gradient."""


def index(graph: Graph) -> tuple[str, ...]:
    """For every node the text that is searched: op, name, module, source, shape."""
    return tuple(map(_text, graph.nodes))


def hits(graph: Graph, texts: Sequence[str], gradients: Gradients, query: str) -> tuple[int, ...]:
    """The nodes with all the words, in backward order; none for no words.

    `texts` is the graph's `index`; `gradients` gives those that have arrived; it is only
    asked for words that need them.
    """
    words = query.casefold().split()
    if not words:
        return ()
    broken: set[int] = set()
    if any(word in NOT_FINITE for word in words):
        broken.update(not_finite(gradients()))
        broken.update(node.id for node in graph.nodes if _broken(node.value))
    first, *others = words
    found = (
        node
        for node, text in enumerate(texts)
        if first in text or (first in NOT_FINITE and node in broken)
    )
    return tuple(
        node
        for node in found
        if all(word in texts[node] or (word in NOT_FINITE and node in broken) for word in others)
    )


def not_finite(gradients: Iterable[NodeGradient]) -> tuple[int, ...]:
    """The nodes with a nan or infinity in a gradient in or out, in the order of the pass."""
    return tuple(
        gradient.node
        for gradient in gradients
        if any(map(_broken, (*gradient.incoming, *gradient.outgoing, gradient.grad_after)))
    )


def not_finite_value(graph: Graph) -> int | None:
    """The node that is the first in forward order to have made a nan or infinity; None: none."""
    broken = (node for node in reversed(graph.nodes) if _broken(node.value))
    first = next(broken, None)
    return None if first is None else first.id


def beside(nodes: Sequence[int], here: int | None, step: int) -> int:
    """The next (or with -1 the previous) of some ascending nodes, round from end to start."""
    if here is None:
        return nodes[0]
    if step > 0:
        return next((node for node in nodes if node > here), nodes[0])
    return next((node for node in reversed(nodes) if node < here), nodes[-1])


def named(graph: Graph, text: str) -> int:
    """The node meant by an id or a name; raises ValueError with one line."""
    wanted = text.strip()
    if wanted.isdecimal():
        if int(wanted) >= len(graph.nodes):
            raise ValueError(f"ids are numbers from 0 to {len(graph.nodes) - 1:,}")
        return int(wanted)
    for same in (lambda node: node.name == wanted, lambda node: wanted in (node.title, node.op)):
        found = next(filter(same, graph.nodes), None)
        if found is not None:
            return found.id
    raise ValueError(f"no node has the name {wanted!r}" if wanted else "a name or an id")


def _text(node: Node) -> str:
    # A leaf's op is AccumulateGrad, which whoever looks for "mul" does not mean.
    op = "leaf" if node.is_leaf else node.op
    words = [op, node.title, node.name or "", node.module or "", node.expression or ""]
    if node.shape is not None:
        words += [shape_text(node.shape), str(list(node.shape))]
    return " ".join(words).casefold()


def _broken(value: Value | None) -> bool:
    return value is not None and value.non_finite > 0
