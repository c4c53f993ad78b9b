"""Which recordings of a folder are the ranks of one run: those of its newest launch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.plurals import counted
from engine.recording.rank_records import RankPlace

WORLD_LIMIT = 2**16
"""No run has more ranks than this: a recording that says so is damaged."""


@dataclass(frozen=True, slots=True)
class RankFile:
    """A recording in a folder, by what it says of itself."""

    name: str
    place: RankPlace
    started: float
    """When its script began, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Launch:
    """The recordings of the processes that were started together."""

    world_size: int
    files: Mapping[int, RankFile]
    """By rank."""
    notes: tuple[str, ...] = ()
    """What is wrong with the others, or is missing."""


def newest_launch(files: Sequence[RankFile]) -> Launch | None:
    """Return the launch that began last, with one file a rank; None where no file has a place."""
    sound = [one for one in files if 0 <= one.place.rank < one.place.world_size <= WORLD_LIMIT]
    notes = [f"{one.name} is left out: it is of no rank" for one in files if one not in sound]
    if not sound:
        return None
    launch = max(sound, key=lambda one: one.started).place.launch
    mine = [one for one in sound if one.place.launch == launch]
    if earlier := len(sound) - len(mine):
        some = counted(earlier, "recording")
        verb = "is" if earlier == 1 else "are"
        notes.append(f"{some} of an earlier launch {verb} left out")
    world_size = _world_size(mine)
    notes += _disagreements(mine, world_size)
    by_rank: dict[int, RankFile] = {}
    for one in sorted(mine, key=lambda one: (one.place.rank, one.started, one.name)):
        rank = one.place.rank
        if rank >= world_size:
            continue
        if rank in by_rank:
            other = by_rank[rank].name
            notes.append(f"rank {rank} is recorded twice: {one.name} is shown, not {other}")
        by_rank[rank] = one
    return Launch(world_size, by_rank, tuple(notes))


def _world_size(files: Sequence[RankFile]) -> int:
    counts = Counter(one.place.world_size for one in files)
    return max(counts, key=lambda size: (counts[size], size))


def _disagreements(files: Sequence[RankFile], world_size: int) -> Iterator[str]:
    for one in files:
        if one.place.world_size != world_size:
            yield (
                f"{one.name} says that there are {one.place.world_size} ranks, "
                f"the others that there are {world_size}"
            )
