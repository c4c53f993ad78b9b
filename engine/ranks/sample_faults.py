"""Ranks that see the same samples: the loader of each gives all of them, or seeds are alike.

No rank can see that of itself, and nothing fails: their average is what one of them has alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from engine.plurals import counted
from engine.ranks.distributed_run import DistributedRun
from engine.ranks.pass_places import backward_place
from engine.ranks.rank_fault import RankFault, ranks_text
from engine.ranks.same_pass import common_passes
from engine.recording.rank_records import RankPass

LEAST = 3
"""In fewer passes equal numbers say nothing yet."""
NAMED = 4
"""At most so many groups of ranks are named."""

_Mark = tuple[float | None, tuple[tuple[str, float | None], ...]]


def sample_faults(run: DistributedRun) -> Iterator[RankFault]:
    """Yield one fault where ranks have the same loss and the same gradients in every pass.

    Of their own passes, before they were reduced. Ranks that hold parts of a model see the same
    samples as they should; the gradients of their parts are not the same.
    """
    tables = {rank: one.passes for rank, one in enumerate(run.ranks) if one is not None}
    groups: list[tuple[int, ...]] = [run.present]
    numbers: list[int] = []
    reducing = False
    for number, passes in common_passes(run):
        if passes.keys() != tables.keys() or number >= min(one.count for one in tables.values()):
            break  # of a rank it is not written yet
        reducers = {one.reducer for one in passes.values()}
        if "DTensor" in reducers:
            return
        reducing = reducing or reducers != {""}
        marks = {rank: _mark(tables[rank].loss(number), one) for rank, one in passes.items()}
        if any(map(_says_something, marks.values())):
            groups = [alike for group in groups for alike in _alike(group, marks)]
            numbers.append(number)
        if not groups:
            return
    if reducing and len(numbers) >= LEAST:
        yield _fault(run, groups, numbers)


def _mark(loss: float, one: RankPass) -> _Mark:
    """The loss and the norms of a pass of a rank; what is nan is equal to itself."""
    norms = ((part.leaf, _equal(part.local_norm)) for part in one.gradients)
    return _equal(loss), tuple(norms)


def _equal(number: float | None) -> float | None:
    return None if number is None or math.isnan(number) else number


def _says_something(mark: _Mark) -> bool:
    """Whether any gradient is a number other than 0, of which ranks may have different ones."""
    return any(size and math.isfinite(size) for _, size in mark[1])


def _alike(group: Sequence[int], marks: dict[int, _Mark]) -> list[tuple[int, ...]]:
    """The ranks of a group that have equal marks, two and more of them."""
    by_mark: dict[_Mark, list[int]] = {}
    for rank in group:
        by_mark.setdefault(marks[rank], []).append(rank)
    return [tuple(ranks) for ranks in by_mark.values() if len(ranks) > 1]


def _fault(
    run: DistributedRun, groups: Sequence[tuple[int, ...]], numbers: Sequence[int]
) -> RankFault:
    first, *others = groups
    file, line = backward_place(run, first[0], numbers[0])
    more = "".join(f", and so have {ranks_text(group)}" for group in others[: NAMED - 1])
    what = (
        f"{ranks_text(first).capitalize()} have the same loss and the same gradients in all "
        f"{counted(len(numbers), 'pass', 'passes')}{more}: they see the same samples."
    )
    return RankFault(
        "same samples",
        tuple(sorted(rank for group in groups for rank in group)),
        (),
        numbers[0],
        what,
        "The mean of equal gradients is what one rank has by itself: the others add nothing to it.",
        "Give every rank samples of its own: `sampler=DistributedSampler(data)` for the loader, or "
        "`data[rank::world_size]`.",
        len(numbers),
        line,
        file,
    )
