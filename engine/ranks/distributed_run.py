"""The recordings of all ranks of one run, as one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.recording.records import Recording


@dataclass(frozen=True, slots=True, eq=False)
class DistributedRun:
    """A run of several processes, each with a recording of its own."""

    name: str
    """Of the folder that the recordings are in."""
    world_size: int
    ranks: Sequence[Recording | None]
    """By rank; None where there is no recording of a rank, or none yet."""
    notes: tuple[str, ...] = ()
    """What the reader must know: ranks that are missing, files that belong to another run."""

    @property
    def present(self) -> tuple[int, ...]:
        """The ranks that have a recording."""
        return tuple(rank for rank, one in enumerate(self.ranks) if one is not None)
