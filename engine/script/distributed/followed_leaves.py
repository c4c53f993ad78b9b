"""The leaves of which each rank's gradient is recorded, also those that no pass of it reaches."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import FrameType

import torch

from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import is_leaf, requires_grad
from engine.script.passes.leaf_rows import LEAVES_LIMIT, LeafRows, leaves_behind
from engine.script.passes.pass_scalars import Names


@dataclass(eq=False, slots=True)
class FollowedLeaf:
    """A leaf by its name, as long as the script keeps it."""

    name: str
    ref: OwnRef


class FollowedLeaves:
    """Finds leaves, by the names that they have in `rows`, or in the variables of the script.

    Call it under `quiet`.
    """

    def __init__(self, rows: LeafRows, names: Names) -> None:
        self._rows = rows
        self._names = names
        self._leaves: list[FollowedLeaf] = []
        self._stepped: weakref.WeakSet[torch.optim.Optimizer] = weakref.WeakSet()
        self._new: list[torch.Tensor] = []

    def __len__(self) -> int:
        return len(self._leaves)

    def live(self) -> list[tuple[FollowedLeaf, torch.Tensor]]:
        """Those that are still there."""
        refs = ((leaf, leaf.ref()) for leaf in self._leaves)
        return [(leaf, tensor) for leaf, tensor in refs if tensor is not None]

    def has_lost(self) -> bool:
        """Whether one of them is gone, as where every update makes a new one."""
        return any(leaf.ref() is None for leaf in self._leaves)

    def stepped(self, optimizer: torch.optim.Optimizer) -> None:
        """An optimizer steps: what it has is followed from the next pass on."""
        if optimizer not in self._stepped:
            self._stepped.add(optimizer)
            self._new += (one for group in optimizer.param_groups for one in group["params"])

    def find(
        self, roots: Sequence[torch.Tensor], more: Iterable[torch.Tensor], frame: FrameType | None
    ) -> None:
        """Follow what is behind the roots, and `more`, from now on."""
        known = {id(tensor) for _, tensor in self.live()}
        wanted = {id(one): one for one in (*leaves_behind(roots), *more, *self._new)}
        new = [one for key, one in wanted.items() if key not in known and _is_trained(one)]
        self._new.clear()
        if not new:
            return
        named = {id(one): name for name, one in reversed(list(self._names(frame).items()))}
        named |= self._rows.named()
        by_name = {leaf.name: leaf for leaf in self._leaves}
        for tensor in new:
            name = named.get(id(tensor)) or f"leaf {len(self._leaves)}"
            if name in by_name:  # another one in the place of one that is gone
                by_name[name].ref = OwnRef(tensor)
            elif len(self._leaves) < LEAVES_LIMIT:
                self._leaves.append(FollowedLeaf(name, OwnRef(tensor)))


def _is_trained(tensor: torch.Tensor) -> bool:
    return is_leaf(tensor) and requires_grad(tensor)
