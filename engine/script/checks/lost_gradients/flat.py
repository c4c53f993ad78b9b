"""Operations whose derivative is zero everywhere, or was for the whole batch: nothing learns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod

from engine.autograd.graph import Backward, Graph, Node, NodeGradient
from engine.autograd.values import Value
from engine.recording.findings import Finding
from engine.script.checks.lost_gradients.leaves import leaves_behind
from engine.script.checks.places import Places
from engine.script.checks.words import Words, listed

STEPPED = re.compile(r"(Round|Sign|Sgn|Floor|Ceil|Trunc|Fix)Backward\d*")
"""Functions that are constant but for their jumps."""
GATES = re.compile(r"(Relu|Hardtanh|Threshold|Relu6|ClampMin|Clamp)Backward\d*")
"""Functions that are flat on one side."""
LEAST_AT_ZERO = re.compile(r"(Relu|Threshold|ClampMin)Backward\d*")
"""Gates whose output cannot become smaller than it is where they are flat."""
ADDED = re.compile(
    r"(Mean|Sum|Add|Mul|Div|Pow|Sqrt|Log1P|Dot|Mv|Stack|Cat|View|Reshape|Squeeze|Unsqueeze|"
    r"Select|Slice|ToCopy|Clone|T|Transpose|Permute|Expand|Diagonal|"
    r"Index|Gather|MaskedSelect|MaskedFill|Where|Max|Amax|Maximum|Minimum|Neg|Sort|Topk)Backward\d*"
)
"""What only adds up, scales or chooses from, what is to become small."""


def flat(backward: Backward, places: Places) -> Iterator[Finding]:
    """Yield what has stopped all gradients on their way to the leaves behind it."""
    by_node = {gradient.node: gradient for gradient in backward.gradients}
    for gradient in backward.gradients:
        node = backward.graph.nodes[gradient.node]
        stepped, gate = STEPPED.fullmatch(node.op), GATES.fullmatch(node.op)
        place = places.named(node.line, node.file)
        if not (stepped or gate) or place is None or not _stops(gradient):
            continue
        if gate and _is_margin(backward.graph, gradient):
            continue
        leaves = leaves_behind(backward.graph, gradient.node)
        if not leaves or not all(_is_zero(by_node.get(leaf)) for leaf in leaves):
            continue
        names = [backward.graph.nodes[leaf].name or "a leaf" for leaf in leaves]
        what = f"`{node.expression}`, {place.said}," if node.expression else place.said
        why, instead = _steps(node) if stepped else _one_side(node)
        yield Words(
            f"{what} lets no gradient through.",
            f"{why}: nothing before it learns ({listed(names)}).",
            instead,
            place,
        ).finding("flat")


def _steps(node: Node) -> tuple[str, str]:
    """Why a function that only jumps lets nothing through, and what to do."""
    name = node.title.lower()
    return (
        f"The derivative of {name} is 0 wherever there is one",
        "Leave it out of the loss, or let the gradient pass it by: "
        f"`x + ({name}(x) - x).detach()`.",
    )


def _one_side(node: Node) -> tuple[str, str]:
    """The same of a function that is flat on one side."""
    count = prod(node.shape or ())
    inputs = f"All {count:,} of its inputs are" if count > 1 else "Its input is"
    return (
        f"{inputs} where it is flat, so its derivative is 0 there",
        "Lower the learning rate, start from other weights, or use leaky_relu.",
    )


def _is_margin(graph: Graph, gate: NodeGradient) -> bool:
    """Whether a gate's output is itself what is to become small: reduced and added up, no more.

    A hinge loss is 0 where every example is on the right side. So is what any function of it
    alone makes of it, where that grows with it everywhere.
    """
    grows = LEAST_AT_ZERO.fullmatch(graph.nodes[gate.node].op) and _is_positive(gate.incoming[0])
    seen, stack = {gate.node}, [gate.node]
    while stack:
        for edge in graph.out_of[stack.pop()]:
            target = edge.target
            alone = grows and all(one.source in seen for one in graph.into[target])
            if not alone and not ADDED.fullmatch(graph.nodes[target].op):
                return False
            if target not in seen:
                seen.add(target)
                stack.append(target)
    return True


def _is_positive(value: Value | None) -> bool:
    """Whether no element is below 0."""
    if value is None:
        return False
    if value.summary is not None:
        return value.summary.minimum >= 0
    return all(not isinstance(number, complex) and number >= 0 for number in value.numbers)


def _stops(gradient: NodeGradient) -> bool:
    came = [value for value in gradient.incoming if value is not None]
    left = [value for value in gradient.outgoing if value is not None]
    some = any(not value.is_zero for value in came)
    return some and bool(left) and all(value.is_zero for value in left)


def _is_zero(gradient: NodeGradient | None) -> bool:
    if gradient is None:
        return False
    return all(value is None or value.is_zero for value in gradient.incoming)
