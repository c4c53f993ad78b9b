"""What the ranks recorded of the same pass: one `RankPass` a rank, found by its number."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter

from engine.ranks.distributed_run import DistributedRun
from engine.recording.rank_records import RankGradient, RankPass

Together = Mapping[int, RankPass]
"""What each rank recorded of one pass, by rank; without the ranks that recorded nothing of it."""


def together(run: DistributedRun, number: int) -> Together:
    """Return what each rank recorded of the pass of this number."""
    found = {rank: pass_of(_passes(run, rank), number) for rank in run.present}
    return {rank: one for rank, one in found.items() if one is not None}


def pass_of(passes: Sequence[RankPass], number: int) -> RankPass | None:
    """Return the pass of this number, of passes in order; None where it is not among them."""
    at = bisect.bisect_left(passes, number, key=attrgetter("number"))
    return passes[at] if at < len(passes) and passes[at].number == number else None


def common_passes(run: DistributedRun, least: int = 2) -> Iterator[tuple[int, Together]]:
    """Yield the passes that so many ranks recorded, in order, with what each recorded.

    As far as all reduce in the same passes: where one runs a pass of its own in between, the
    numbers do not say any more which passes belong together.
    """
    passes = {rank: {one.number: one for one in _passes(run, rank)} for rank in run.present}
    for number in sorted(set().union(*passes.values())):
        found = {rank: mine[number] for rank, mine in passes.items() if number in mine}
        if len({bool(one.reducer) for one in found.values()}) > 1:
            return
        if len(found) >= least:
            yield number, found


def gradient_of(one: RankPass, leaf: str) -> RankGradient | None:
    """Return what a pass of a rank says of a leaf; None where it says nothing."""
    return next((gradient for gradient in one.gradients if gradient.leaf == leaf), None)


def leaves_of(passes: Together) -> tuple[str, ...]:
    """Return the names of all leaves that any rank recorded of the pass, in order."""
    names = (gradient.leaf for one in passes.values() for gradient in one.gradients)
    return tuple(dict.fromkeys(names))


def _passes(run: DistributedRun, rank: int) -> Sequence[RankPass]:
    recording = run.ranks[rank]
    return () if recording is None else recording.rank_passes
