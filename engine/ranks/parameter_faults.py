"""Gradients that differ after they were reduced, and parameters that drift apart.

All ranks of a data-parallel run hold the same parameters: they begin equal, and every update is by
the same gradient. Whatever differs once stays so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.ranks.differing import Difference, Differing, differing
from engine.ranks.distributed_run import DistributedRun
from engine.ranks.pass_places import backward_place
from engine.ranks.rank_fault import FaultKind, RankFault, leaves_text, ranks_text
from engine.ranks.scale_faults import scale_faults
from engine.ranks.standing import BETWEEN_TWO

SEED = (
    "Seed every rank alike before the model is made, or send rank 0's parameters to all: "
    "`dist.broadcast(p.data, 0)`."
)
REDUCE = (
    "Wrap the model in DistributedDataParallel, or call `dist.all_reduce(p.grad)` and divide by "
    "the number of ranks, before every update."
)
AFTER = "Change gradients on every rank alike, and by what is the same on all, or before backward."
ALIKE = "Change parameters by the optimizer only, with the same settings on every rank."


def parameter_faults(run: DistributedRun) -> Iterator[RankFault]:
    """Yield what differs between ranks though it should not, one fault for the same ranks."""
    found = differing(run)
    if not found.reducing and (_come_together(found) or _is_pipeline(run)):
        return  # parameters are averaged, not gradients, or each rank has a part of the model
    for ranks, some in _alike(found.gradients.values()):
        yield _gradients_differ(run, ranks, some)
    unreduced = {leaf for leaf, one in found.gradients.items() if not one.reduced}
    values = [one for leaf, one in found.values.items() if leaf not in unreduced]
    for ranks, some in _alike(values):
        yield _drift(run, found, ranks, some)


def _gradients_differ(
    run: DistributedRun, ranks: Sequence[int], some: Sequence[Difference]
) -> RankFault:
    number, leaves = some[0].numbers[0], tuple(one.leaf for one in some)
    one = leaves_text(leaves)
    what = (
        f"The gradients of {one} differ between the ranks when the update of pass {number:,} "
        f"begins: {norms_text(some[0].norms)}."
    )
    kind: FaultKind = "reduced gradients differ" if some[0].reduced else "not reduced"
    why, instead = _changed_after(run, ranks), AFTER
    if not some[0].reduced:
        why = f"Nothing reduces {one} over the ranks: each rank updates by its own gradient."
        instead = REDUCE
    return _fault(run, kind, ranks, some, (what, why, instead))


def _fault(
    run: DistributedRun,
    kind: FaultKind,
    ranks: Sequence[int],
    some: Sequence[Difference],
    words: tuple[str, str, str],
) -> RankFault:
    """What differs between ranks, at the backward pass before: what, why, and what instead."""
    number, leaves = some[0].numbers[0], tuple(one.leaf for one in some)
    file, line = backward_place(run, ranks[0], number)
    return RankFault(kind, tuple(ranks), leaves, number, *words, _lasted(some), line, file)


def _changed_after(run: DistributedRun, ranks: Sequence[int]) -> str:
    some = len(ranks) < len(run.present)
    who = f"{ranks_text(ranks)} changed" if some else "the ranks changed"
    return (
        f"The reduction gives all ranks the same gradient, so {who} it afterwards, "
        "or reduced something else."
    )


def _drift(
    run: DistributedRun, found: Differing, ranks: Sequence[int], some: Sequence[Difference]
) -> RankFault:
    number, leaves = some[0].numbers[0], tuple(one.leaf for one in some)
    names = leaves_text(leaves)
    verb = "differs" if len(leaves) == 1 else "differ"
    since = f"since pass {number:,}"
    if number == found.first:
        since = f"from pass {number:,} on"
        why = "The ranks began with different parameters: nothing made them the same."
        instead = SEED
    else:
        why, instead = _cause(run, found, leaves, number)
    what = f"{names} {verb} between the ranks {since}: {norms_text(some[0].norms)}."
    kind: FaultKind = "parameters drift" if some[0].reduced else "not reduced"
    return _fault(run, kind, ranks, some, (what, why, instead))


def _cause(
    run: DistributedRun, found: Differing, leaves: Iterable[str], number: int
) -> tuple[str, str]:
    """Why parameters that were equal are no longer so, and what to do about it."""
    causes = [found.gradients[leaf] for leaf in leaves if leaf in found.gradients]
    since = min((one.numbers[0] for one in causes), default=number)
    if since < number:
        return f"Their gradients differ since pass {since:,}: updates by them go apart.", AFTER
    if not found.reducing:
        why = "Nothing reduces the gradients over the ranks: each trains a model of its own."
        return why, REDUCE
    if any(not found.values[leaf].reduced for leaf in leaves):
        return "Nothing reduces their gradients: each rank updates by its own.", REDUCE
    scales = next(scale_faults(run), None)
    if scales is not None and scales.number < number:
        why = f"The scales of GradScaler differ since pass {scales.number:,}: so do the updates."
        return why, scales.instead
    why = "The reduced gradients were the same up to then: the update differs, or another write."
    return why, ALIKE


def _is_pipeline(run: DistributedRun) -> bool:
    """Whether ranks hand tensors to each other: not all have a loss, or one sends or receives."""
    recordings = [one for one in run.ranks if one is not None and one.passes]
    calls = [one.collective.operation for one in recordings if one.collective is not None]
    losses = {one.passes.has_losses for one in recordings}
    return len(losses) > 1 or any(BETWEEN_TWO.search(one) for one in calls)


def _come_together(found: Differing) -> bool:
    """Whether parameters that went apart were made equal again."""
    return any(
        len(one.numbers) < sum(number >= one.numbers[0] for number in found.compared)
        for one in found.values.values()
    )


def _alike(some: Iterable[Difference]) -> Iterator[tuple[Sequence[int], list[Difference]]]:
    """Differences of the same ranks, each beginning with the first."""
    by_ranks: dict[tuple[object, ...], list[Difference]] = {}
    for one in some:
        by_ranks.setdefault((one.ranks, one.reduced), []).append(one)
    for group in by_ranks.values():
        group.sort(key=lambda one: one.numbers[0])
        yield group[0].ranks, group


def _lasted(some: Iterable[Difference]) -> int:
    return len(set().union(*(one.numbers for one in some)))


def norms_text(norms: Mapping[int, float | None]) -> str:
    """Return the norms of a leaf by rank, `norm 1.5 on ranks 0 and 2, 1.7 on rank 1`."""
    by_norm: dict[str, list[int]] = {}
    for rank, size in sorted(norms.items()):
        by_norm.setdefault("nan" if size is None or math.isnan(size) else f"{size:.6g}", []).append(
            rank
        )
    if len(by_norm) == 1:
        return f"of the same norm {next(iter(by_norm))}, but not the same numbers"
    parts = [f"{size} on {ranks_text(ranks)}" for size, ranks in by_norm.items()]
    more = f" and {len(parts) - 4} more" if len(parts) > 4 else ""
    return f"norm {', '.join(parts[:4])}{more}"
