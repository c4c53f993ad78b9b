"""A live tensor's autograd graph → an immutable `Graph`.

Ids are positions in backward order (`backward_order`); what nodes saved is read here
(`saved_tensors`), since backward frees it. Of a large graph that stays alive only the numbers of
small named tensors are read, and `node_details` reads one node when it is looked at; of one that
does not, what nodes saved and as many numbers of small tensors as there is time for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch.autograd.graph import GradientEdge

from engine.autograd.backward_order import AutogradNode, backward_order
from engine.autograd.graph import DETAILS_LIMIT, Edge, Graph, Node
from engine.autograd.live_nodes import find, find_named, record_of, saved_outputs
from engine.autograd.quiet import grad_fn, has_own_dispatch, quiet, requires_grad
from engine.autograd.saved_tensors import Kept
from engine.autograd.tensor_reader import value_of, values_of
from engine.uncollected import uncollected

DETAILS_BUDGET = 1 << 24
"""Elements that are read of a large graph that does not stay alive."""


class NoGraphError(ValueError):
    """A tensor without a graph; the message is torch's reason in plain words."""


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Live nodes in backward order. Holding it keeps the graph alive: let go of it soon."""

    nodes: tuple[AutogradNode, ...]
    edges: tuple[Edge, ...]
    roots: tuple[int, ...]


def capture(
    tensors: torch.Tensor | Sequence[torch.Tensor],
    scope: Mapping[str, torch.Tensor] | None = None,
    *,
    for_good: bool = False,
    again: bool = False,
    changed: Collection[int] = (),
) -> Graph:
    """The graph behind one tensor or several, with names from `scope`; see `describe`.

    Raises NoGraphError where a tensor neither requires grad nor was computed from one that does.
    """
    with uncollected():
        walked = walk(tensors)
    return describe(walked, scope or {}, for_good=for_good, again=again, changed=changed)


def walk(tensors: torch.Tensor | Sequence[torch.Tensor | GradientEdge]) -> Walk:
    """The live nodes behind tensors, or edges, ordered; raises NoGraphError like `capture`."""
    roots = [_root(t) for t in ([tensors] if isinstance(tensors, torch.Tensor) else tensors)]
    order = backward_order(roots)
    position = {node: i for i, node in enumerate(order)}
    edges = [
        Edge(target, index, position[source], output)
        for target, inputs in enumerate(order.values())
        for index, (source, output) in enumerate(inputs)
        if source is not None
    ]
    return Walk(tuple(order), tuple(edges), tuple(dict.fromkeys(position[root] for root in roots)))


def is_larger(tensor: torch.Tensor, limit: int) -> bool:
    """Whether the graph behind a tensor has more than `limit` nodes; raises NoGraphError."""
    seen = {_root(tensor)}
    stack = list(seen)
    while stack and len(seen) <= limit:
        for source, _ in stack.pop().next_functions:
            if source is not None and source not in seen:
                seen.add(source)
                stack.append(source)
    return len(seen) > limit


def describe(
    walked: Walk,
    scope: Mapping[str, torch.Tensor],
    *,
    for_good: bool = False,
    again: bool = False,
    changed: Collection[int] = (),
    limit: int = DETAILS_LIMIT,
    budget: int = DETAILS_BUDGET,
) -> Graph:
    """Live nodes as records, with the names, values and saved tensors that can be had.

    A graph of more than `limit` nodes is large. `for_good`: the graph does not stay alive, so of
    a large one at most `budget` elements are read now; otherwise `node_details` reads them later.
    `again`: it is likely to be described once more, so what is read now is kept for then, but for
    what lies at addresses that have `changed` unseen by autograd.
    """
    large = len(walked.nodes) > limit
    with uncollected(), quiet():
        if large and not for_good:
            found = find_named(walked.nodes, scope, budget)
        else:
            found = find(walked.nodes, scope, changed, budget if large else None, again=again)
        nodes = tuple([record_of(i, node, found) for i, node in enumerate(walked.nodes)])
    return Graph(nodes, walked.edges, walked.roots)


def look_again(
    tensor: torch.Tensor, walked: Walk, graph: Graph, scope: Mapping[str, torch.Tensor]
) -> tuple[Walk, Graph]:
    """The walk and the graph of a tensor as they are now; the same where nothing has changed.

    Of a large graph only named tensors are read again: nothing else of it was read before.
    """
    with uncollected(), quiet():
        if _root(tensor) is not walked.nodes[walked.roots[0]]:  # it was changed in place
            walked = walk(tensor)
            return walked, describe(walked, scope)
        if len(walked.nodes) <= DETAILS_LIMIT:
            return walked, describe(walked, scope)
        found = find_named(walked.nodes, scope, DETAILS_BUDGET)
        nodes = [
            record_of(i, live, found) if live in found.outputs or node.name else node
            for i, (live, node) in enumerate(zip(walked.nodes, graph.nodes, strict=True))
        ]
        if nodes == [*graph.nodes]:
            return walked, graph
        return walked, Graph(tuple(nodes), walked.edges, walked.roots)


def node_details(walked: Walk, node: Node) -> Node:
    """The node with its value and the numbers of what it has saved, read now, while alive."""
    with quiet():
        live = walked.nodes[node.id]
        kept = Kept.of(live)
        saved = kept.records(values_of(kept.tensors()))
        value = node.value
        if value is None:
            users = {edge.target for edge in walked.edges if edge.source == node.id}
            outputs = saved_outputs([kept, *(Kept.of(walked.nodes[user]) for user in users)])
            outputs |= {live: live.variable} if node.is_leaf else {}
            value = value_of(outputs[live]) if live in outputs else None
        return replace(node, value=value, saved=saved, freed=kept.freed)


def _root(tensor: torch.Tensor | GradientEdge) -> AutogradNode:
    if isinstance(tensor, GradientEdge):
        return tensor.node
    with quiet():
        if not requires_grad(tensor):
            raise NoGraphError("the tensor does not require grad and has no grad_fn, so no graph")
        if (node := grad_fn(tensor)) is not None:
            return node
        # The node of a leaf is found through a view of it.
        if has_own_dispatch(tensor):
            raise NoGraphError("a leaf that wraps other tensors has no graph that can be seen")
        try:
            return torch.autograd.graph.get_gradient_edge(tensor).node
        except (AttributeError, RuntimeError):  # the view has no grad_fn, or there is none
            reason = "inside inference_mode or a torch.func transform there is no graph to be seen"
            raise NoGraphError(reason) from None
