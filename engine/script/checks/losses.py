"""A loss that takes the softmax or the sigmoid, and is given what has been through it.

And one that takes logarithms of probabilities, and is given the probabilities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from engine.autograd.graph import Graph, Node
from engine.autograd.values import Value
from engine.recording.findings import Finding
from engine.script.checks.places import Place, Places
from engine.script.checks.words import Words

ROUNDING = 1e-3
"""By so much a logarithm of 1 may be above 0."""
_SHAPES = re.compile(
    r"(View|UnsafeView|Reshape|ReshapeAlias|Squeeze|Unsqueeze|Transpose|Permute|T|Clone|Alias|"
    r"ToCopy|Select|Slice|Index|Flatten)Backward\d*"
)
"""What leaves the numbers as they are."""


class _Pair(NamedTuple):
    """Two functions of which the second is not to follow the first."""

    first: str
    second: str
    what: str
    why: str
    instead: str


_PAIRS = (
    _Pair(
        "Softmax",
        "LogSoftmax",
        "takes the softmax of a softmax",
        "cross_entropy has one in it; after two all probabilities are nearly alike, and learning "
        "is slow.",
        "Leave the softmax out of the model; take it only to look at probabilities.",
    ),
    _Pair(
        "Sigmoid",
        "BinaryCrossEntropyWithLogits",
        "takes the sigmoid of a sigmoid",
        "The second makes 0.5 to 0.73 of numbers from 0 to 1: nothing is ever taken for a no.",
        "Leave the sigmoid out of the model, or use `binary_cross_entropy` with it.",
    ),
    _Pair(
        "Softmax",
        "NllLoss",
        "takes logarithms of probabilities, and is given the probabilities",
        "So it is minus the probability of the right class, and small ones cost hardly more.",
        "Use `log_softmax` in place of softmax, or `cross_entropy` with neither.",
    ),
)

_BY_SECOND = {
    second: tuple(pair for pair in _PAIRS if pair.second == second)
    for second in {pair.second for pair in _PAIRS}
}


def losses(graph: Graph, place: Place, places: Places) -> Iterator[Finding]:
    """Yield what a loss was given that it does not take, in the graph of a pass."""
    for node in graph.nodes:
        pairs = _BY_SECOND.get(_function(node.op), ())
        source = _source(graph, node) if pairs else None
        if source is None:
            continue
        at, first = places.named(node.line, node.file) or place, _function(source.op)
        largest = 0.0 if first == "Softmax" else _largest(source.value)
        if largest > ROUNDING and _function(node.op) == "NllLoss":
            yield _no_logarithms(node, largest, at).finding("loss")
        for pair in pairs:
            if first != pair.first:
                continue
            made = places.named(source.line, source.file)
            of = f": `{source.expression}`, {made.said}" if source.expression and made else ""
            by = f" (module {source.module})" if of and source.module else ""
            yield Words(
                f"`{node.expression or at.text}`, {at.said}, {pair.what}{of}{by}.",
                pair.why,
                pair.instead,
                at,
            ).finding("loss")


def _no_logarithms(node: Node, largest: float, at: Place) -> Words:
    return Words(
        f"`{node.expression or at.text}`, {at.said}, takes logarithms of probabilities, and is "
        f"given numbers up to {largest:.3g}: no logarithm of a probability is above 0.",
        "So the loss has no lower bound, and falls for ever.",
        "Use `cross_entropy`, which takes them as they are, or `log_softmax` before it.",
        at,
    )


def _largest(value: Value | None) -> float:
    """The largest number of those known; 0 where that is none of a usual kind."""
    if value is None:
        return 0.0
    if value.summary is not None:
        return value.summary.maximum
    return max((one for one in value.numbers if isinstance(one, float)), default=0.0)


def _function(op: str) -> str:
    """The function that a node is of, also of its form for images."""
    return op.rstrip("0123456789").removesuffix("Backward").removesuffix("2D")


def _source(graph: Graph, node: Node) -> Node | None:
    """The node that made a node's first input, but for its shape; None for data."""
    while True:
        first = next((edge for edge in graph.into[node.id] if edge.index == 0), None)
        if first is None:
            return None
        node = graph.nodes[first.source]
        if not _SHAPES.fullmatch(node.op):
            return node
