"""Everything that is wrong between the ranks of a run, each thing once."""

from __future__ import annotations

from engine.ranks.death_faults import death_faults
from engine.ranks.distributed_run import DistributedRun
from engine.ranks.parameter_faults import parameter_faults
from engine.ranks.rank_fault import RankFault
from engine.ranks.sample_faults import sample_faults
from engine.ranks.scale_faults import scale_faults
from engine.ranks.shard_faults import shard_faults
from engine.ranks.unused_faults import unused_faults
from engine.ranks.waiting_faults import waiting_faults


def faults(run: DistributedRun, now: float | None = None) -> tuple[RankFault, ...]:
    """Return what is wrong between the ranks, in the order of the passes in which it began.

    `now` is the time in seconds since the epoch: without it no rank that is still running is
    said to be waited for.
    """
    of_passes = [
        *parameter_faults(run),
        *unused_faults(run),
        *shard_faults(run),
        *sample_faults(run),
        *scale_faults(run),
    ]
    of_passes.sort(key=lambda one: one.number)
    return (*of_passes, *waiting_faults(run, now), *death_faults(run))
