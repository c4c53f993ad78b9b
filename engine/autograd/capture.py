"""A live tensor's autograd graph → an immutable `Graph`.

Ids are positions in backward order (`backward_order`); what nodes saved is read here
(`saved_tensors`), since backward frees it. Of a large graph that stays alive only the numbers of
small named tensors are read, and `node_details` reads one node when it is looked at; of one that
does not, what nodes saved and as many numbers of small tensors as there is time for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch

from engine.autograd.backward_order import AutogradNode, backward_order
from engine.autograd.graph import DETAILS_LIMIT, LEAF_OP, Edge, Graph, Node, Saved
from engine.autograd.kept_memory import KeptMemory, kept_memory
from engine.autograd.known_values import keep_values, known_values
from engine.autograd.notes import Note, notes_of
from engine.autograd.quiet import (
    count,
    device,
    dtype,
    grad_fn,
    has_own_dispatch,
    is_nested,
    quiet,
    requires_grad,
)
from engine.autograd.saved_tensors import Kept
from engine.autograd.tensor_reader import (
    STACK_LIMIT,
    device_name,
    dtype_name,
    known_shape,
    shape_of,
    value_of,
    values_of,
)
from engine.autograd.values import Value
from engine.uncollected import uncollected

DETAILS_BUDGET = 1 << 24
"""Elements that are read of a large graph that does not stay alive."""
DETAILS_LEAST = 256
"""What reading one tensor counts at least against that budget, in elements."""


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


def walk(tensors: torch.Tensor | Sequence[torch.Tensor]) -> Walk:
    """The live nodes behind the tensors, ordered; raises NoGraphError like `capture`."""
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
    with uncollected(), quiet():
        large = len(walked.nodes) > limit
        later = large and not for_good
        kept = [_UNREAD if later else Kept.of(node) for node in walked.nodes]
        leaves = {node: node.variable for node in walked.nodes if type(node).__name__ == LEAF_OP}
        named = leaves | {node: t for t in scope.values() if (node := grad_fn(t)) is not None}
        outputs = _saved_outputs(kept) | named
        notes = notes_of({*walked.nodes, *outputs})
        values = dict(known_values(walked.nodes, kept, changed))
        if later:
            wanted = [tensor for tensor in named.values() if count(tensor) <= STACK_LIMIT]
        else:
            wanted = [tensor for node, tensor in outputs.items() if not notes[node].value]
            wanted += [tensor for one in kept for tensor in one.tensors()]
            wanted = [tensor for tensor in wanted if id(tensor) not in values]
        values |= values_of(_affordable(wanted, budget) if large else wanted)
        if again:
            keep_values(walked.nodes, kept, values)
        saved = [one.records(values) for one in kept]
        memory = None if later else kept_memory(kept, leaves.values(), scope)
        found = _Found(_names(leaves, scope), outputs, notes, values, kept, saved, memory)
        nodes = tuple(_node(i, node, found) for i, node in enumerate(walked.nodes))
    return Graph(nodes, walked.edges, walked.roots)


class _Found(NamedTuple):
    """What could be had of live nodes."""

    names: Mapping[AutogradNode, str]
    outputs: Mapping[AutogradNode, torch.Tensor]
    notes: Mapping[AutogradNode, Note]
    values: Mapping[int, Value]
    """By the `id` of the tensor."""
    kept: Sequence[Kept]
    """In the order of the walk, as `saved`."""
    saved: Sequence[tuple[Saved, ...]]
    memory: Sequence[KeptMemory] | None


def _affordable(tensors: Iterable[torch.Tensor], budget: int) -> Iterator[torch.Tensor]:
    """Those of at most `STACK_LIMIT` elements, until the budget is spent."""
    left = budget
    for tensor in {id(tensor): tensor for tensor in tensors if not is_nested(tensor)}.values():
        size = max(count(tensor), DETAILS_LEAST)
        if size <= min(left, STACK_LIMIT):
            left -= size
            yield tensor


def node_details(walked: Walk, node: Node) -> Node:
    """The node with its value and the numbers of what it has saved, read now, while alive."""
    with quiet():
        live = walked.nodes[node.id]
        kept = Kept.of(live)
        saved = kept.records(values_of(kept.tensors()))
        value = node.value
        if value is None:
            users = {edge.target for edge in walked.edges if edge.source == node.id}
            outputs = _saved_outputs([kept, *(Kept.of(walked.nodes[user]) for user in users)])
            outputs |= {live: live.variable} if node.is_leaf else {}
            value = value_of(outputs[live]) if live in outputs else None
        return replace(node, value=value, saved=saved, freed=kept.freed)


_UNREAD = Kept((), False)


def _root(tensor: torch.Tensor) -> AutogradNode:
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


def _names(
    leaves: Mapping[AutogradNode, torch.Tensor], scope: Mapping[str, torch.Tensor]
) -> dict[AutogradNode, str]:
    """Of leaves by their identity: asking thousands of parameters for their node takes longer."""
    nodes = {id(tensor): node for node, tensor in leaves.items()}
    names: dict[AutogradNode, str] = {}
    for name, tensor in scope.items():
        node = nodes.get(id(tensor)) or grad_fn(tensor)
        if node is not None:
            names.setdefault(node, name)
    return names


def _saved_outputs(kept: Iterable[Kept]) -> dict[AutogradNode, torch.Tensor]:
    """The tensors that nodes made, where another node (or the same) has saved them."""
    return {
        node: tensor
        for one in kept
        for tensor in one.tensors()
        if (node := grad_fn(tensor)) is not None
    }


def _node(position: int, node: AutogradNode, found: _Found) -> Node:
    note, output = found.notes[node], found.outputs.get(node)
    shape, dtype, device = _output_facts(node) if output is None else _facts(output)
    return Node(
        id=position,
        op=type(node).__name__,
        name=found.names.get(node),
        expression=note.expression,
        line=note.line,
        module=note.module,
        shape=shape,
        dtype=dtype,
        device=device,
        value=note.value or found.values.get(id(output)),
        saved=found.saved[position] + note.written,
        freed=found.kept[position].freed,
        file=note.file,
        callers=note.callers,
        keeps=found.memory[position].size if found.memory else None,
        held_by=found.memory[position].held_by if found.memory else (),
    )


Facts = tuple[tuple[int, ...] | None, str | None, str | None]


def _facts(tensor: torch.Tensor) -> Facts:
    return shape_of(tensor), dtype_name(dtype(tensor)), device_name(device(tensor))


def _output_facts(node: AutogradNode) -> Facts:
    for made in getattr(node, "_input_metadata", ()):
        shape = None if made.is_nested_tensor else known_shape(tuple(made.shape))
        return shape, dtype_name(made.dtype), device_name(made.device)
    return None, None, None
