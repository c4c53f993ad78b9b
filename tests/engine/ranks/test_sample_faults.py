"""Ranks that see the same samples."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.faults import faults
from engine.recording.pass_chunk import PassChunk
from engine.recording.pass_table import DeepPass, PassTable
from engine.recording.rank_records import RankPass
from tests.engine.ranks.built import (
    LINE,
    Change,
    built,
    changed_gradient,
    only,
    right_pass,
    with_ranks,
)


def seeing(*samples: int, until: int = 99) -> Change:
    """Ranks that see these samples, equal numbers for equal ones, `until` a pass."""

    def same(rank: int, one: RankPass) -> RankPass:
        seen = right_pass(samples[rank], one.number, max(samples) + 1)
        locals_ = {part.leaf: part for part in seen.gradients}
        for leaf in ("w", "b") if one.number < until else ():
            own = locals_[leaf]
            one = changed_gradient(one, leaf, local=own.local, local_norm=own.local_norm)
        return replace(one, reducer="all_reduce", samples=None)

    return same


def without_losses(run: DistributedRun) -> DistributedRun:
    """As where `backward` begins at several roots; else every rank that is built has its own."""
    chunk = PassChunk(0, array("d", [math.nan] * 9), without_loss=tuple(range(9)))
    none = PassTable([chunk], [DeepPass(0, 0, 1)])
    return with_ranks(run, **{f"rank_{rank}": {"passes": none} for rank in run.present})


def test_ranks_that_see_the_same_samples() -> None:
    one = only(without_losses(built(4, change=seeing(0, 0, 0, 0))))
    assert (one.kind, one.ranks, one.leaves) == ("same samples", (0, 1, 2, 3), ())
    assert (one.number, one.passes, one.line) == (0, 4, LINE)
    assert one.what.startswith("Ranks 0 to 3 have the same loss and the same gradients in all 4")


def test_two_and_two_ranks_that_see_the_same_samples() -> None:
    one = only(without_losses(built(5, change=seeing(0, 1, 2, 0, 1))))
    assert one.ranks == (0, 1, 3, 4)
    assert "Ranks 0 and 3 have" in one.what
    assert ", and so have ranks 1 and 4: " in one.what


def test_ranks_that_only_began_with_the_same_samples_or_with_other_losses_are_right() -> None:
    assert faults(without_losses(built(2, passes=6, change=seeing(0, 0, until=4)))) == ()
    assert faults(without_losses(built(2, passes=2, change=seeing(0, 0)))) == ()
    assert faults(built(2, change=seeing(0, 0))) == ()


def test_gradients_of_zero_are_of_any_samples() -> None:
    def converged(rank: int, one: RankPass) -> RankPass:
        for leaf in ("w", "b"):
            one = changed_gradient(one, leaf, local=None, local_norm=0.0)
        return one

    assert faults(without_losses(built(2, change=converged))) == ()
