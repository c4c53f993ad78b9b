"""Which rank of a run of several processes is on the screen, and that one looks at all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.rank_fault import RankFault, ranks_text
from engine.recording.rank_records import RankPlace
from tui.kit.text import safe

DEVICE_WIDTH = 16
"""A name of a device that is longer is cut: it is what a file says."""


OF_RANKS = ("waiting", "died")
"""Kinds of faults that are of no pass: they are said wherever one is in the run."""


class SeenRun(NamedTuple):
    """What the ranks of a run have recorded up to now, and what is wrong between them."""

    run: DistributedRun
    faults: tuple[RankFault, ...] = ()


@dataclass(frozen=True, slots=True)
class RankLens:
    """A run of several ranks, through which one of them is seen."""

    run: DistributedRun
    rank: int
    """The rank whose lines, graph and numbers are shown."""
    every: bool = False
    """Whether all other ranks are shown beside it."""
    faults: tuple[RankFault, ...] = ()
    """What is wrong between the ranks."""

    def turned(self) -> RankLens:
        """Return the lens at the next rank that has a recording; after the last one at all."""
        present = self.run.present
        if self.every or not present:
            return self.at(min(present, default=0))
        later = [rank for rank in present if rank > self.rank]
        return self.at(later[0]) if later else replace(self, rank=present[0], every=True)

    def at(self, rank: int) -> RankLens:
        """Return the lens at one rank."""
        return replace(self, rank=rank, every=False)

    def over(self, seen: SeenRun) -> RankLens:
        """Return the lens over a later state of the run; at its first rank where that is gone."""
        present = seen.run.present
        rank = self.rank if self.rank in present else min(present, default=0)
        return replace(self, run=seen.run, rank=rank, faults=seen.faults)

    @property
    def place(self) -> RankPlace | None:
        """Which process the rank is; None where its recording does not say so."""
        recording = self.run.ranks[self.rank] if self.rank < len(self.run.ranks) else None
        return recording.place if recording else None

    @property
    def words(self) -> str:
        """Return which rank is seen, as safe text: `rank 1 of 4 · cuda:1`."""
        if self.every:
            return f"{self.short_words} · at rank {self.rank:,}"
        words = f"rank {self.rank:,} of {self.run.world_size:,}"
        device = self.place.device if self.place else ""
        return f"{words} · {safe(device)[:DEVICE_WIDTH]}" if device else words

    @property
    def faults_of_passes(self) -> tuple[RankFault, ...]:
        """What is wrong in a pass; not that a rank waits or has died."""
        return tuple(fault for fault in self.faults if fault.kind not in OF_RANKS)

    @property
    def alarm(self) -> str:
        """Return in few words what is wrong between the ranks; empty where nothing is."""
        stopped = [fault for fault in self.faults if fault.kind in OF_RANKS]
        for fault in (*stopped, *self.faults):
            words = ranks_text(fault.ranks) if fault in stopped else ""
            more = f", {len(self.faults) - 1:,} more" if len(self.faults) > 1 else ""
            return " ".join(filter(None, (words, fault.kind))) + more
        return ""

    @property
    def short_words(self) -> str:
        """Return the same in few cells: `rank 1 of 4`."""
        if self.every:
            return every_rank(self.run.world_size)
        return f"rank {self.rank:,} of {self.run.world_size:,}"


def every_rank(count: int) -> str:
    """Return how many ranks there are, as one says it of all of them: `both ranks`."""
    return "both ranks" if count == 2 else f"all {count:,} ranks"
