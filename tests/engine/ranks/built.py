"""Runs of several ranks, built of records: each test says only what is not as it should be."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from engine.autograd.values import Value
from engine.ranks.averages import norm, weighted_sum
from engine.ranks.distributed_run import DistributedRun
from engine.ranks.faults import faults
from engine.ranks.rank_fault import RankFault
from engine.recording.pass_chunk import PassChunk
from engine.recording.pass_table import DeepPass, PassTable
from engine.recording.rank_records import Bucket, Collective, RankGradient, RankPass, RankPlace
from engine.recording.records import Moment, Recording, ScriptError, SourceFile

LEAVES = ("w", "b")
LINE = 31
"""Where the made script runs backward."""


def value(*numbers: float) -> Value:
    return Value((len(numbers),), "float32", numbers, (len(numbers),))


def digest(one: Value) -> int:
    return zlib.crc32(repr(one.numbers).encode()) or 1


def gradient(
    leaf: str, local: Value | None, reduced: Value | None, held: Value, bucket: int | None = 0
) -> RankGradient:
    return RankGradient(
        leaf,
        None if local is None else norm(local),
        None if reduced is None else norm(reduced),
        norm(held),
        0 if reduced is None else digest(reduced),
        digest(held),
        local,
        reduced,
        bucket,
    )


def local_gradient(rank: int, number: int, leaf: str) -> Value:
    """Different on every rank, in every pass and for every leaf."""
    size = 1 + rank + number / 8 + LEAVES.index(leaf) / 2
    return value(-size, size / 4) if leaf == "w" else value(size)


def right_pass(rank: int, number: int, world_size: int) -> RankPass:
    """One pass of a run that is as DistributedDataParallel makes it."""
    locals_ = {
        leaf: [local_gradient(one, number, leaf) for one in range(world_size)] for leaf in LEAVES
    }
    means = {
        leaf: weighted_sum(all_of, [1 / world_size] * world_size)
        for leaf, all_of in locals_.items()
    }
    gradients = tuple(
        gradient(leaf, locals_[leaf][rank], means[leaf], value(3.0 - number)) for leaf in LEAVES
    )
    buckets = (Bucket(LEAVES, 12),)
    return RankPass(number, "DistributedDataParallel", "mean", gradients, buckets, 8)


Change = Callable[[int, RankPass], RankPass]
"""Makes of a rank and its pass one in which something is wrong, or unusual."""


def as_it_is(rank: int, one: RankPass) -> RankPass:
    return one


def built(world_size: int, passes: int = 4, change: Change = as_it_is) -> DistributedRun:
    """A run that is right but for what `change` does, and has ended well."""
    ranks = [
        recording(
            rank,
            world_size,
            [change(rank, right_pass(rank, number, world_size)) for number in range(passes)],
        )
        for rank in range(world_size)
    ]
    return DistributedRun("RUN", world_size, ranks)


def recording(rank: int, world_size: int, passes: Sequence[RankPass], **fields: Any) -> Recording:
    source = "import torch\n"
    moments = [Moment(LINE, 0, "<module>", "", (), (), None, 0)] if passes else []
    losses = array("d", [1 / (1 + one.number + rank) for one in passes])
    table = PassTable([PassChunk(0, losses)], [DeepPass(0, 0, 1)] if passes else [])
    return Recording(
        "train.py",
        source,
        moments,
        (),
        (),
        fields.pop("ending", "end"),
        files=(SourceFile("train.py", "/home/train.py", source),),
        passes=table,
        place=RankPlace(rank, world_size, rank, "here", "first", "gloo", "cpu"),
        rank_passes=tuple(passes),
        ended=fields.pop("ended", 100.0),
        **fields,
    )


def with_ranks(run: DistributedRun, **changed: dict[str, Any]) -> DistributedRun:
    """The run with other fields of some recordings, as `rank_1={"ending": "killed"}`."""
    ranks = list(run.ranks)
    for name, fields in changed.items():
        rank = int(name.removeprefix("rank_"))
        one = ranks[rank]
        assert one is not None
        ranks[rank] = replace(one, **fields)
    return replace(run, ranks=ranks)


def changed_gradient(one: RankPass, leaf: str, **fields: Any) -> RankPass:
    """The pass with other fields of the gradient of one leaf."""
    gradients = tuple(
        replace(each, **fields) if each.leaf == leaf else each for each in one.gradients
    )
    return replace(one, gradients=gradients)


def first_of_two_models(rank: int, one: RankPass) -> RankPass:
    """The other one is wrapped too, and not trained yet."""
    one = changed_gradient(one, "b", local_norm=None, local=None)
    return replace(one, buckets=(Bucket(("w",), 8), Bucket(("b",), 4)))


def call(operation: str, line: int, number: int, *, ended: bool = False) -> Collective:
    return Collective(7, operation, number, line, 0, began=50.0, ended=ended)


SIGTERM = ScriptError("SIGTERM", "the process was killed by signal 15", 1)
SIZES = pytest.mark.parametrize("size", [2, 4])
LOST = ScriptError("RuntimeError", "[gloo] Connection closed by peer [127.0.0.1]:1234", LINE)


def only(run: DistributedRun, now: float | None = None) -> RankFault:
    """The one fault of the run, which has words for all that a reader asks."""
    found = faults(run, now)
    assert len(found) == 1, found
    assert found[0].what.endswith((".", "!")) and found[0].instead
    return found[0]
