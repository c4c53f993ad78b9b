"""Which of how many processes this one is, as `torchrun` tells it by environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.data.source import ProblemError


@dataclass(frozen=True, slots=True)
class World:
    """One process among those of a distributed run."""

    rank: int = 0
    """Its number, from 0."""
    size: int = 1
    """How many processes there are."""
    local_rank: int = 0
    """Its number among those of this machine: which GPU is its own."""

    def share(self, points: int) -> slice:
        """The rows of this rank, none where there are fewer points than ranks.

        Consecutive, and no two ranks' numbers of them differ by more than 1.
        """
        return slice(points * self.rank // self.size, points * (self.rank + 1) // self.size)


def world_of(environ: Mapping[str, str]) -> World | None:
    """The world that a process was started into; None where it was started alone.

    Raises ProblemError where the variables make no sense.
    """
    if "RANK" not in environ and "WORLD_SIZE" not in environ:
        return None
    try:
        rank, size = int(environ["RANK"]), int(environ["WORLD_SIZE"])
        world = World(rank, size, int(environ.get("LOCAL_RANK", rank)))
    except (KeyError, ValueError):
        world = World(0, 0)
    if not 0 <= world.rank < world.size:
        said = ", ".join(f"{name}={environ.get(name)!a}" for name in ("RANK", "WORLD_SIZE"))
        raise ProblemError(f"{said} name no process of a run; torchrun sets both")
    return world
