"""What the ranks made of the gradients of a pass, as a record, once the update has begun."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import torch

from engine.recording.rank_records import Bucket, RankGradient, RankPass, Reducer
from engine.script.distributed.data_parallel import NAME
from engine.script.distributed.marks import stacked
from engine.script.distributed.pending_pass import PendingPass

_CLOSE = 0.01
"""Norms whose ratio is so near to one over the number of ranks differ by that factor."""
Norms = Mapping[int, float]
"""By position of the leaf."""


def rank_pass(seen: PendingPass, world_size: int) -> RankPass:
    """Return the record of a pass of which the update has begun; waits for the device."""
    assert seen.used is not None
    assert seen.values is not None
    local = read_norms(seen.local.norms)
    used = seen.used.marks.read()
    if seen.early is not None:
        used = [one or other for one, other in zip(used, seen.early.marks.read(), strict=True)]
    numbers = {**(seen.early.values if seen.early else {}), **seen.used.values}
    buckets, places, reducer = _buckets(seen)
    norms = {at: one[0] for at, one in enumerate(used) if one is not None}
    gradients: list[RankGradient] = []
    for at, ((leaf, _), mark, value) in enumerate(
        zip(seen.leaves, used, seen.values.read(), strict=True)
    ):
        gradients.append(
            RankGradient(
                leaf.name,
                local.get(at),
                None if mark is None else mark[0],
                math.nan if value is None else value[0],
                0 if mark is None else mark[1],
                0 if value is None else value[1],
                seen.local.values.get(at),
                numbers.get(at),
                places.get(at),
            )
        )
    return RankPass(
        seen.number,
        reducer,
        _operation(seen, reducer, places, local, norms, world_size),
        tuple(gradients),
        buckets,
        seen.samples,
        None if seen.scale is None else float(seen.scale),
    )


def read_norms(norms: Mapping[int, torch.Tensor]) -> dict[int, float]:
    """Return numbers that were kept on their device, all at once."""
    return dict(zip(norms, stacked(list(norms.values())).tolist(), strict=True))


def _buckets(seen: PendingPass) -> tuple[tuple[Bucket, ...], dict[int, int], Reducer]:
    """What is reduced in one call, which of them each leaf is in, and by whom."""
    groups: list[tuple[list[int], int]] = []
    reducer: Reducer = ""
    positions = {id(tensor): at for at, (_, tensor) in enumerate(seen.leaves)}
    for bucket in seen.buckets:
        reducer = NAME
        size = sum(one.numel() * one.element_size() for one in bucket)
        groups.append(([positions[id(one)] for one in bucket if id(one) in positions], size))
    if not groups and (own := _own_groups(seen)):
        groups = own
        reducer = "DTensor" if any(one.result is not None for one in seen.calls) else "all_reduce"
    if not groups and seen.shares:
        reducer = "DTensor"
    places = {at: index for index, (group, _) in enumerate(groups) for at in group}
    names = [leaf.name for leaf, _ in seen.leaves]
    buckets = (Bucket(tuple(names[at] for at in group), size) for group, size in groups)
    return tuple(buckets), places, reducer


def _own_groups(seen: PendingPass) -> list[tuple[list[int], int]]:
    """The leaves of every call of the script's own; of copies, those that were written since."""
    groups = [([one.position], one.bytes) for one in seen.calls if one.position is not None]
    known = {at for group, _ in groups for at in group}
    copies = [one for one in seen.calls if one.position is None]
    rest = [at for at in sorted(seen.changed) if at not in known]
    sizes = {at: seen.leaves[at][1].numel() for at in rest}
    if not copies or not rest or max(one.elements for one in copies) < max(sizes.values()):
        return groups  # what was reduced is something else, as a loss to be printed
    for call in copies:  # one leaf each, or many in a row
        taken: list[int] = []
        left = call.elements
        while rest and sizes[rest[0]] <= left:
            left -= sizes[rest[0]]
            taken.append(rest.pop(0))
        if taken:
            groups.append((taken, call.bytes))
    return groups


def _operation(
    seen: PendingPass,
    reducer: Reducer,
    places: Mapping[int, int],
    local: Norms,
    used: Norms,
    world_size: int,
) -> Literal["mean", "sum"]:
    if reducer == NAME:
        return "mean"
    if seen.divided or any(one.averaged for one in seen.calls):
        return "mean"
    own = {one.position: one for one in reversed(seen.calls)}
    for group in _members(places):
        call = next((own[at] for at in group if at in own), own.get(None))
        if call is not None and call.before is not None:
            if _is_share(float(call.before), _together(local, group), world_size):
                return "mean"
            after = math.nan if call.after is None else float(call.after)
            if _is_share(_together(used, group), after, world_size):
                return "mean"
    return "sum"


def _members(places: Mapping[int, int]) -> Collection[Sequence[int]]:
    """The positions of the leaves of each group."""
    groups: dict[int, list[int]] = {}
    for at, index in places.items():
        groups.setdefault(index, []).append(at)
    return groups.values()


def _together(norms: Norms, group: Sequence[int]) -> float:
    return math.hypot(*(norms.get(at, 0.0) for at in group))


def _is_share(norm: float, whole: float, world_size: int) -> bool:
    """Whether one number is the other, divided by the number of ranks."""
    return whole > 0 and math.isclose(norm * world_size, whole, rel_tol=_CLOSE)
