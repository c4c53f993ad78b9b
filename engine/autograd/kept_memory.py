"""How much memory the nodes of a graph keep alive for the backward pass, each storage once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import torch

from engine.autograd.quiet import address_of, is_readable, storage
from engine.autograd.saved_tensors import Kept


class KeptMemory(NamedTuple):
    """What one node keeps alive."""

    size: int
    """Bytes of storages that nothing else is known to hold, and no node before it in the forward
    pass has saved."""
    held_by: tuple[str, ...]
    """The names of tensors in scope, or `a leaf`, in whose memory other things that it saved lie:
    these are there with and without the graph, and are not counted."""


def kept_memory(
    kept: Sequence[Kept],
    leaves: Iterable[torch.Tensor],
    scope: Mapping[str, torch.Tensor],
) -> list[KeptMemory]:
    """Return what each node of a graph keeps alive, in the order of `kept`, from root to leaves.

    Parameters are not counted, nor is what a name in `scope` holds. Call it under `quiet`.
    """
    owners: dict[int, str] = {}
    for name, tensor in scope.items():
        if is_readable(tensor):
            owners.setdefault(address_of(tensor), name)
    for leaf in leaves:
        if is_readable(leaf):
            owners.setdefault(address_of(leaf), "a leaf")
    counted: set[int] = set()
    found: list[KeptMemory] = []
    for one in reversed(kept):  # a storage is the first's that has saved it
        size, held = 0, dict[str, None]()
        for tensor in one.tensors():
            if not is_readable(tensor):
                continue
            address = address_of(tensor)
            if address in owners:
                held[owners[address]] = None
            elif address not in counted:
                counted.add(address)
                size += storage(tensor).nbytes()
        found.append(KeptMemory(size, tuple(held)))
    found.reverse()
    return found
