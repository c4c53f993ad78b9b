"""Values of tensors that nodes have saved, known without reading them again.

What a node made was read when it was made, and is noted; what it has saved may have been read for
the graph of an earlier line, and is kept with the node. Small tensors are read anew all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.notes import NOTE_KEY, Note
from engine.autograd.quiet import address_of, grad_fn, output_number, sizes, version_of
from engine.autograd.saved_tensors import Kept
from engine.autograd.values import Value

READ_KEY = "linreg-tui read"
"""The key of values by their names in a node's metadata."""

_Read = tuple[int, Value]
"""The version of a tensor, and its value then."""


def known_values(
    nodes: Sequence[AutogradNode], kept: Sequence[Kept], changed: Collection[int]
) -> Iterator[tuple[int, Value]]:
    """The `id` and the value of saved tensors that have not changed since they were read.

    `changed`: addresses of memory that was written unseen by autograd. Call it under `quiet`.
    """
    for node, one in zip(nodes, kept, strict=True):
        tensors = [part for part in one.contents if isinstance(part[1], torch.Tensor)]
        if not tensors:
            continue
        read: Mapping[str, _Read] = node.metadata.get(READ_KEY, {})
        for name, tensor in tensors:
            version = version_of(tensor)
            before = read.get(name)
            value = before[1] if before and before[0] == version else _made(tensor, version)
            if value is not None and not (changed and address_of(tensor) in changed):
                yield id(tensor), value


def keep_values(
    nodes: Sequence[AutogradNode], kept: Sequence[Kept], values: Mapping[int, Value]
) -> None:
    """Keep what was read of large tensors with the nodes that have saved them."""
    for node, one in zip(nodes, kept, strict=True):
        read = {
            name: (version_of(tensor), value)
            for name, tensor in one.contents
            if isinstance(tensor, torch.Tensor)
            and (value := values.get(id(tensor))) is not None
            and value.summary is not None
        }
        if read:
            node.metadata[READ_KEY] = read


def _made(tensor: torch.Tensor, version: int) -> Value | None:
    """The value that was noted of the tensor when its node made it."""
    node = grad_fn(tensor)
    note: Note | None = None if node is None else node.metadata.get(NOTE_KEY)
    if note is None or note.value is None or note.value.summary is None:
        return None
    same = note.version == version and note.number == output_number(tensor)
    return note.value if same and note.value.shape == sizes(tensor) else None
