"""What can be had of live nodes, and the records that are made of it.

All of it is called under `quiet`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.graph import LEAF_OP, Node, Saved
from engine.autograd.kept_memory import KeptMemory, kept_memory
from engine.autograd.known_values import keep_values, known_values
from engine.autograd.notes import Note, notes_of
from engine.autograd.quiet import count, device, dtype, grad_fn, is_nested
from engine.autograd.saved_tensors import Kept
from engine.autograd.tensor_reader import (
    STACK_LIMIT,
    device_name,
    dtype_name,
    known_shape,
    shape_of,
    values_of,
)
from engine.autograd.values import Value

DETAILS_LEAST = 256
"""What reading one tensor counts at least against a budget, in elements."""

_UNREAD = Kept((), False)


class Found(NamedTuple):
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


def find_named(
    nodes: Sequence[AutogradNode], scope: Mapping[str, torch.Tensor], budget: int
) -> Found:
    """What is read of a large graph that stays alive."""
    leaves = _leaves(nodes)
    named = leaves | _made_in(scope)
    values = values_of(_affordable(named.values(), budget))
    notes = notes_of({*nodes, *named})
    unread = [_UNREAD] * len(nodes)
    saved: list[tuple[Saved, ...]] = [()] * len(nodes)
    return Found(_names(leaves, scope), named, notes, values, unread, saved, None)


def find(
    nodes: Sequence[AutogradNode],
    scope: Mapping[str, torch.Tensor],
    changed: Collection[int],
    budget: int | None,
    *,
    again: bool,
) -> Found:
    """What is read of any other: at most so many elements, where there is a budget."""
    kept = [Kept.of(node) for node in nodes]
    leaves = _leaves(nodes)
    outputs = saved_outputs(kept) | leaves | _made_in(scope)
    notes = notes_of({*nodes, *outputs})
    values = dict(known_values(nodes, kept, changed))
    wanted = [tensor for node, tensor in outputs.items() if not notes[node].value]
    wanted += [tensor for one in kept for tensor in one.tensors()]
    wanted = [tensor for tensor in wanted if id(tensor) not in values]
    values |= values_of(wanted if budget is None else _affordable(wanted, budget))
    if again:
        keep_values(nodes, kept, values)
    saved = [one.records(values) for one in kept]
    memory = kept_memory(kept, leaves.values(), scope)
    return Found(_names(leaves, scope), outputs, notes, values, kept, saved, memory)


def _leaves(nodes: Sequence[AutogradNode]) -> dict[AutogradNode, torch.Tensor]:
    return {node: node.variable for node in nodes if type(node).__name__ == LEAF_OP}


def _made_in(scope: Mapping[str, torch.Tensor]) -> dict[AutogradNode, torch.Tensor]:
    """The tensors in scope that are no leaves, by the nodes that made them."""
    return {node: t for t in scope.values() if (node := grad_fn(t)) is not None}


def _affordable(tensors: Iterable[torch.Tensor], budget: int) -> Iterator[torch.Tensor]:
    """Those of at most `STACK_LIMIT` elements, until the budget is spent."""
    left = budget
    for tensor in {id(tensor): tensor for tensor in tensors if not is_nested(tensor)}.values():
        size = max(count(tensor), DETAILS_LEAST)
        if size <= min(left, STACK_LIMIT):
            left -= size
            yield tensor


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


def saved_outputs(kept: Iterable[Kept]) -> dict[AutogradNode, torch.Tensor]:
    """The tensors that nodes made, where another node (or the same) has saved them."""
    return {
        node: tensor
        for one in kept
        for tensor in one.tensors()
        if (node := grad_fn(tensor)) is not None
    }


def record_of(position: int, node: AutogradNode, found: Found) -> Node:
    """A node as a record, with its position in the walk."""
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
