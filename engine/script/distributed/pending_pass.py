"""A pass whose gradients may still be reduced: what it left, up to where the update begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from engine.autograd.quiet import live_grad, version_of
from engine.autograd.tensor_reader import quiet_value_of
from engine.autograd.values import Value
from engine.script.distributed.data_parallel import Wrapped
from engine.script.distributed.followed_leaves import FollowedLeaf
from engine.script.distributed.local_gradients import LocalGradients
from engine.script.distributed.marks import Marks, flat_of, is_distributed, local_of
from engine.script.distributed.own_reductions import OwnReduction

Gradient = torch.Tensor | None


class Gradients:
    """Gradients of all leaves at one moment, and with `deep` numbers of them."""

    def __init__(self, tensors: Sequence[Gradient], *, deep: bool) -> None:
        self.marks = Marks(tensors)
        there = ((at, one) for at, one in enumerate(tensors) if one is not None and deep)
        self.values: dict[int, Value] = {at: quiet_value_of(local_of(one)) for at, one in there}


@dataclass(eq=False)
class PendingPass:
    """Call its methods under `quiet`."""

    number: int
    deep: bool
    samples: int | None
    scale: torch.Tensor | None
    leaves: Sequence[tuple[FollowedLeaf, torch.Tensor]]
    local: LocalGradients
    wrapped: Sequence[Wrapped]
    """What reduces in backward."""
    buckets: Sequence[Sequence[torch.Tensor]] = ()
    """The leaves that it reduces in one call each."""
    returned: dict[int, torch.Tensor] = field(default_factory=dict)
    """Gradients that the pass gave back in place of adding them to `.grad`, by position."""
    left: list[Gradient] = field(default_factory=list)
    """The gradients that it left."""
    versions: list[int] = field(default_factory=list)
    early: Gradients | None = None
    """Those, read at once, should the script zero them itself."""
    used: Gradients | None = None
    """Those with which the update began."""
    values: Marks | None = None
    """Of the leaves at that moment."""
    calls: Sequence[OwnReduction] = ()
    changed: frozenset[int] = frozenset()
    """The positions of gradients that were written, or replaced, since the pass."""
    shares: bool = False
    """Whether gradients were shares of a sum, which is made where the update needs it."""
    divided: bool = False
    """Whether gradients were written once more after their reduction."""

    def ended(self, *, by_hand: bool) -> None:
        """The pass has ended; `by_hand`: the script may update and zero without an optimizer."""
        self.left = self._now()
        self.versions = [0 if one is None else version_of(one) for one in self.left]
        for wrapped in self.wrapped:
            wrapped.became_ready([self.leaves[at][1] for at in self.local.order])
        self.buckets = [bucket for wrapped in self.wrapped for bucket in wrapped.buckets()]
        self.shares = any(map(is_share, self.left))
        if by_hand and self.wrapped:
            self.early = Gradients(self.left, deep=self.deep)

    def update_begins(
        self, calls: Sequence[OwnReduction], world_size: int, *, by_hand: bool
    ) -> None:
        """Read what the update uses, or has used where that is seen only later."""
        self.calls = calls
        self.divided = any(one.was_written_since for one in calls)
        now = self._now()
        self.changed = frozenset(
            at
            for at, one in enumerate(now)
            if one is not None
            and (one is not self.left[at] or version_of(one) != self.versions[at])
        )
        by_position = {one.position: one for one in calls if one.position is not None}
        used = [
            self._used(at, one, by_position.get(at), world_size, by_hand=by_hand)
            for at, one in enumerate(now)
        ]
        self.used = Gradients(used, deep=self.deep)
        self.values = Marks([tensor for _, tensor in self.leaves])
        self.left, self.returned = [], {}

    def _used(
        self,
        position: int,
        now: Gradient,
        call: OwnReduction | None,
        world_size: int,
        *,
        by_hand: bool,
    ) -> Gradient:
        left = self.left[position]
        if is_share(left):
            return _completed(call)
        if not by_hand or _has_any(now):
            return now
        if _has_any(left):  # let go of by the script, and kept by us
            return left
        if call is None or call.copy is None:
            return None
        if left is not None and version_of(left) > call.version + 1:
            return call.copy / world_size
        return call.copy

    def _now(self) -> list[Gradient]:
        return [
            self.returned.get(at, live_grad(tensor)) for at, (_, tensor) in enumerate(self.leaves)
        ]


def is_share(gradient: Gradient) -> bool:
    """Whether it is a distributed tensor of which the ranks have shares, not yet summed."""
    if gradient is None or not is_distributed(gradient):
        return False
    return any(one.is_partial() for one in gradient.placements)  # type: ignore[attr-defined]


def _completed(call: OwnReduction | None) -> Gradient:
    """What a share has become: the sum, which the update has waited for."""
    result: Any = call.result if call is not None else None
    elements = getattr(result, "elem", None)
    return None if elements is None else torch.ops._c10d_functional.wait_tensor(elements)


def _has_any(gradient: Gradient) -> bool:
    flat = None if gradient is None else flat_of(gradient)
    return flat is not None and bool(flat.any())
