"""Everything that is wrong between the ranks of a run, each thing once."""

from __future__ import annotations

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.rank_fault import RankFault


def faults(run: DistributedRun, now: float | None = None) -> tuple[RankFault, ...]:
    """Return what is wrong between the ranks, in the order of the passes in which it began.

    `now` is the time in seconds since the epoch: without it no rank that is still running is
    said to be waited for.
    """
    return ()
