"""A command on several ranks: one of them speaks, and all of them end, with the same exit code."""

from __future__ import annotations

import os
import signal
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import TypeVar

from engine.data.source import ProblemError, Source, Table
from engine.training.distributed.rank_group import RankGroup, found_store, joined
from engine.training.distributed.world import World, world_of
from tui.cli.exit_code import exit_code
from tui.cli.printing.output import complain
from tui.config.errors import UsageError
from tui.kit.text import reason

ALONE = (
    "one process; several start with "
    "torchrun --nproc-per-node N --no-python linreg-tui train --distributed"
)
BRIEFLY = timedelta(seconds=20)
"""So long who only wants to say what is wrong looks for the others."""

Say = Callable[[str], object]
T = TypeVar("T")


class EndedTogetherError(Exception):
    """All ranks end, and why has been said by one of them."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def on_ranks(world: World, act: Callable[[RankGroup], int]) -> int:
    """Run `act` on every rank of a world; returns the exit code.

    Of what ends it on any rank one line is said, by the first to fail; the others end without.
    """
    mine = True

    def acted() -> int:
        nonlocal mine
        with joined(world) as group:
            try:
                return act(group)
            except EndedTogetherError as error:
                return error.code
            except BaseException:
                mine = group.speaks()
                raise

    def say(message: str) -> None:
        if mine:
            complain(_of_rank(world, message))

    return _code_of(acted, say)


def together(group: RankGroup, act: Callable[[], T]) -> T:
    """What `act` returns on this rank, where it succeeds on all.

    Raises EndedTogetherError on all ranks where it fails on any; the lowest that failed says why.
    """
    said: list[str] = []
    results: list[T] = []

    def acted() -> int:
        results.append(act())
        return 0

    outcomes = group.all_say((_code_of(acted, said.append), said))
    failed = [rank for rank, (code, _) in enumerate(outcomes) if code]
    if not failed:
        return results[0]
    alike = all(outcome == outcomes[0] for outcome in outcomes)
    if failed[0] == group.world.rank:
        for message in said:
            complain(message if alike else _of_rank(group.world, message))
    raise EndedTogetherError(outcomes[failed[0]][0])


def check_alike(group: RankGroup, source: Source, options: Namespace) -> None:
    """Raise ProblemError, on all ranks alike, where one has other data or options than rank 0."""
    digest = source.fingerprint if isinstance(source, Table) else ""
    mine = {name: one for name, one in vars(options).items() if name not in ("config", "data")}
    (first_digest, first), *others = group.all_say((digest, mine))
    for rank, (other_digest, other) in enumerate(others, 1):
        if other_digest != first_digest:
            raise ProblemError(f"rank {rank} reads another file than rank 0 under this name")
        if differs := next((name for name in first if other[name] != first[name]), None):
            raise ProblemError(
                f"rank {rank} has {differs} {other[differs]}, and rank 0 {first[differs]}"
            )


def say_once(message: str) -> None:
    """One line on stderr of what is wrong before the ranks have met, from the first of them."""
    try:
        world = world_of(os.environ) or World()
        if world.size > 1 and not RankGroup(world, found_store(world, BRIEFLY)).speaks():
            return
    except (ProblemError, RuntimeError, ValueError):
        pass  # they cannot meet: better too many lines than none
    complain(message)


class Signals:
    """SIGINT and SIGTERM, noted and not acted upon, so that all ranks can end together."""

    number = 0
    """The signal that came; 0 where none did."""

    def noted(self) -> bool:
        """Whether a signal has come."""
        return bool(self.number)

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Note what comes while the block runs."""
        before = {one: signal.signal(one, self._note) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.number = number


def this_world() -> World:
    """The world that this process was started into; where it is alone that is said."""
    try:
        world = world_of(os.environ)
    except ProblemError as error:
        raise UsageError(str(error)) from None
    if world is None:
        complain(ALONE)
    return world or World()


def _code_of(act: Callable[[], int], say: Say) -> int:
    """As `exit_code`, and 1 where training fails."""

    def acted() -> int:
        try:
            return act()
        except ProblemError as error:
            raise UsageError(str(error)) from None
        except (MemoryError, RuntimeError) as error:
            say(f"training failed: {reason(error)}")
            return 1

    return exit_code(acted, say=say)


def _of_rank(world: World, message: str) -> str:
    return message if world.size == 1 else f"rank {world.rank}: {message}"
