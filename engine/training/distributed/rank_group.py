"""The processes of a run together, by `torch.distributed`: gloo on the CPU, nccl on GPUs.

A run of one process needs none of it: nothing is started, and every call returns at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol, TypeVar

import torch
import torch.distributed as dist

from engine.data.source import ProblemError
from engine.training.distributed.world import World

PATIENCE = timedelta(minutes=10)
"""So long a rank waits for the others; those that have ended are noticed at once."""
SPOKEN = "linreg-tui/spoken"
"""Where the rank is named that says what went wrong, so that the others need not."""

T = TypeVar("T")


class RankLostError(RuntimeError):
    """Another rank has ended, or could not be reached in time."""


class MeetingStore(Protocol):
    """What ranks find each other by: a store of `torch.distributed`."""

    def compare_set(self, key: str, expected_value: str, desired_value: str) -> bytes:
        """Set a key that has the expected value, or none where that is ""; returns what it has."""


class RankGroup:
    """All ranks; every method but `speaks` returns once all of them have called it."""

    def __init__(self, world: World, store: MeetingStore | None = None) -> None:
        """`store` is None for a world of one."""
        self.world = world
        self._store = store

    def add(self, numbers: torch.Tensor) -> None:
        """Put the sum of all ranks' numbers into each rank's, the same bits everywhere."""
        if self._store is not None:
            with _lost():
                dist.all_reduce(numbers)

    def all_say(self, thing: T) -> list[T]:
        """What every rank says, by rank."""
        if self._store is None:
            return [thing]
        said: list[T | None] = [None] * self.world.size
        with _lost():
            dist.all_gather_object(said, thing)
        return said  # type: ignore[return-value]

    def first_says(self, thing: T | None) -> T:
        """What rank 0 says; the others' own is not looked at."""
        said = [thing]
        if self._store is not None:
            with _lost():
                dist.broadcast_object_list(said)
        return said[0]  # type: ignore[return-value]

    def speaks(self) -> bool:
        """Whether this rank is the first to ask, and so the one to say why all of them end."""
        if self._store is None:
            return True
        try:
            first = self._store.compare_set(SPOKEN, "", str(self.world.rank))
        except RuntimeError:  # who held the store is gone
            return True
        return first == str(self.world.rank).encode()


@contextmanager
def joined(
    world: World, store: MeetingStore | None = None, patience: timedelta = PATIENCE
) -> Iterator[RankGroup]:
    """The group of all ranks, for as long as the block runs; raises ProblemError, RankLostError.

    They find each other by `store`, where it is None by the one that `torchrun` has started.
    """
    if world.size == 1:
        yield RankGroup(world)
        return
    if not dist.is_available():
        raise ProblemError("this build of torch has no torch.distributed")
    with _lost("the ranks do not find each other"):
        store = store or found_store(world, patience)
        # Both, so that what is no tensor never goes by a GPU; nccl starts when it is first used.
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        dist.init_process_group(
            backend,
            store=store,  # type: ignore[arg-type] # its class has no public name
            rank=world.rank,
            world_size=world.size,
            timeout=patience,
        )
    try:
        yield RankGroup(world, store)
    finally:
        dist.destroy_process_group()


def found_store(world: World, patience: timedelta = PATIENCE) -> MeetingStore:
    """The store at MASTER_ADDR and MASTER_PORT, which the ranks of a run share."""
    find = dist.rendezvous  # type: ignore[attr-defined] # missing where torch is built without
    meeting = find("env://", world.rank, world.size, timeout=patience)
    store: MeetingStore = next(meeting)[0]
    return store


@contextmanager
def _lost(what: str = "another rank has gone") -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError) as error:
        # Without where in gloo's source it was found, and what to do about it in general.
        why = re.sub(r"\[[^\s\]]*/[^\s\]]*\] ", "", str(error)).partition(". ")[0]
        raise RankLostError(f"{what}: {why}") from error
