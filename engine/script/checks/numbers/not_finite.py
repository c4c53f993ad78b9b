"""The first cause of a nan or an infinity that has come to the loss or to a leaf's gradient.

An infinity on the way may be wanted, as in the mask before a softmax: it counts only where the
loss or what a parameter gets is not finite.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import FrameType

from engine.autograd.graph import Backward, Graph, Node, NodeGradient
from engine.autograd.values import Value, finite, number_text
from engine.recording.findings import NOT_FINITE, Finding
from engine.script.checks.numbers.domains import (
    ALONE,
    KEEP_AWAY,
    UNKNOWN,
    backward_cause,
    forward_cause,
    has_nan,
)
from engine.script.checks.places import Place, Places
from engine.script.checks.words import Words, listed

BAD_DATA = "nan or infinities before the pass begins"
"""How a clause ends that puts it down to what came in."""
THROUGH = 30
"""So many nodes whose values are not known, as views inside of an operation, are looked through."""
_RESULTS = ("result", "output", "out")
"""What a node has saved of its own output."""
AT_EDGES = ("Log", "Sqrt", "Pow", "Div", "Rsqrt", "Reciprocal", "Acos", "Asin")
"""Functions that are not finite at the edge of where they are defined."""


def not_finite(
    backward: Backward,
    number: int,
    place: Place,
    places: Places,
    frame: FrameType | None,
) -> Iterator[Finding]:
    """Yield why the loss of a pass, or a gradient at a leaf, is not finite, if one is not."""
    cause = _cause(backward, places, frame)
    if cause is None:
        return
    node, what, words = cause
    at = places.named(node.line, node.file) or place
    yield Words(
        f"In pass {number} {what}, {at.said}: {words}.",
        "All that comes after it in the pass, and every parameter that it steps, is nan from then "
        "on.",
        _remedy(node, words),
        at,
    ).finding(NOT_FINITE)


def _cause(
    backward: Backward, places: Places, frame: FrameType | None
) -> tuple[Node, str, str] | None:
    """The node that is to blame, what it has led to, and how it did; None for none."""
    graph = backward.graph
    root = graph.nodes[graph.roots[0]]
    if root.value is not None and root.value.non_finite:
        node = _first_value(graph, root)
        what = f"{_kind(root.value)} came to {root.name or 'the loss'} from {_of(node)}"
        return node, what, _forward(graph, node, places, frame)
    found = _first_gradient(backward)
    if found is None:
        return None
    last = graph.nodes[found.node]
    source = _bad_input(graph, last)
    if source is not None:  # the forward pass had it already, where the loss does not look
        node = _first_value(graph, source)
        what = f"gradients became nan at {_of(last)}, for {_of(node)} is not finite"
        return node, what, _forward(graph, node, places, frame)
    words = backward_cause(last, found, _inputs(graph, last), _not_taken(graph, found))
    return last, f"the first gradient that is not finite is that of {_of(last)}", words


def _forward(graph: Graph, node: Node, places: Places, frame: FrameType | None) -> str:
    """How a node made a number that is not finite; it may have come in with the data."""
    if node.is_leaf:
        return f"{node.name or 'a leaf'} holds {BAD_DATA}"
    words = forward_cause(node, _inputs(graph, node))
    if not words.endswith(UNKNOWN) or not (_is_nan(node.value) or _saved_bad(node)):
        return words
    names = places.not_finite(frame)
    # What modules hold may have become so from that.
    names = [name for name in names if "." not in name] or names
    return f"{listed(names)} {'hold' if len(names) > 1 else 'holds'} {BAD_DATA}" if names else words


def _first_value(graph: Graph, root: Node) -> Node:
    """The node that made the first number that is not finite on the way to the root."""
    node = root
    while True:
        inputs = _sources(graph, node)
        bad = [one for one in inputs if one.value is not None and one.value.non_finite]
        masked = "Softmax" in node.op and not any(has_nan(one.value) for one in bad)
        if not bad or masked:
            return node
        node = bad[0]


def _first_gradient(backward: Backward) -> NodeGradient | None:
    """The first node, in the order of the pass, that made a gradient that is not finite.

    None where every gradient that came to a leaf is finite.
    """
    nodes = backward.graph.nodes
    arrived = (one for one in backward.gradients if nodes[one.node].is_leaf)
    if not any(_bad(one.incoming) for one in arrived):
        return None
    return next(
        (one for one in backward.gradients if _bad(one.outgoing) and not _bad(one.incoming)), None
    )


def _bad_input(graph: Graph, node: Node) -> Node | None:
    """What went into a node and was not finite; None where all was that is known."""
    sources = _sources(graph, node)
    return next((one for one in sources if one.value is not None and one.value.non_finite), None)


def _sources(graph: Graph, node: Node) -> list[Node]:
    """The nodes that made what went into one; through those whose values are not known."""
    found: list[Node] = []
    stack, seen = [node], {node.id}
    while stack and len(seen) < THROUGH:
        for edge in graph.into[stack.pop().id]:
            source = graph.nodes[edge.source]
            if source.id in seen:
                continue
            seen.add(source.id)
            (stack if source.value is None else found).append(source)
    return found


def _not_taken(graph: Graph, gradient: NodeGradient) -> bool:
    """Whether what came in is zero and came through a `where`, maybe by way of others."""
    seen, stack = {gradient.node}, [gradient.node]
    while stack and len(seen) < 50:
        for edge in graph.out_of[stack.pop()]:
            if graph.nodes[edge.target].op.startswith("Where"):
                return True
            if edge.target not in seen:
                seen.add(edge.target)
                stack.append(edge.target)
    return False


def _inputs(graph: Graph, node: Node) -> list[Value | None]:
    """The forward values that went into a node, by their edges."""
    return [graph.nodes[edge.source].value for edge in graph.into[node.id]]


def _bad(values: Sequence[Value | None]) -> bool:
    return any(value is not None and value.non_finite for value in values)


def _saved_bad(node: Node) -> bool:
    """Whether what went into a node, and is no result of the graph's, is not finite."""
    inputs = (one.content for one in node.saved if one.name not in _RESULTS)
    return any(isinstance(one, Value) and one.non_finite for one in inputs)


def _is_nan(value: Value | None) -> bool:
    return value is not None and (has_nan(value) or not value.whole)


def _kind(value: Value) -> str:
    for number in value.numbers:
        if not finite(number):
            return number_text(number)
    return "a number that is not finite"


def _of(node: Node) -> str:
    return f"`{node.expression}`" if node.expression else node.title


def _remedy(node: Node, words: str) -> str:
    if node.is_leaf:
        return "Look at how it was made, and at the passes before: a step may have made it so."
    if words.endswith(BAD_DATA):
        return "Look where it is made: leave such rows out, or fill them with a number."
    if ALONE in words:
        return "Take it over more than one, or give `correction=0`."
    if "branch of where" in words:
        return "Make the input safe before the function: `f(torch.where(ok, x, 1))`."
    if "too large" in words or "more than" in words:
        return "Keep it small: a lower learning rate, scaled inputs, or logarithms (logsumexp)."
    if node.op.startswith(AT_EDGES):
        return KEEP_AWAY
    if "softmax" in words:
        return "Leave something in every row that is not masked."
    return "Step to this line (`!` leads there) and look at what went in."
