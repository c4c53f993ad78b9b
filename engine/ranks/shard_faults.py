"""Shards of unequal size whose gradients are averaged as if they were equal.

The loss of a rank is a mean over its own samples. The mean of such means is the mean over all
samples only where the ranks have equally many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.autograd.values import number_text
from engine.ranks.averages import distance, norm
from engine.ranks.distributed_run import DistributedRun
from engine.ranks.pass_places import backward_place
from engine.ranks.rank_fault import RankFault, percent, ranks_text
from engine.ranks.reductions import EQUAL, Reduction, reductions
from engine.ranks.same_pass import Together, common_passes

WEIGHT = (
    "Multiply the loss of each rank by its samples · ranks / all samples, or give every rank "
    "equally many (`drop_last=True`)."
)
LOOKED_AT = 20
"""In so many passes with unequal shards the numbers are compared."""


def shard_faults(run: DistributedRun) -> Iterator[RankFault]:
    """Yield one fault where shards are unequal and their gradients are averaged unweighted."""
    unequal = [(number, mine) for number, mine in common_passes(run) if _unequal(mine)]
    if not unequal:
        return
    found: list[Reduction] = []
    for number, _ in unequal[:LOOKED_AT]:
        found += [one for one in reductions(run, number) if one.weighted is not None]
        if found:
            break
    if any(_is_weighted(one) for one in found):
        return
    wrong = [one for one in found if one.factor is not None and _error(one) > EQUAL]
    ddp = all(
        one.reducer == "DistributedDataParallel" for _, mine in unequal for one in mine.values()
    )
    if wrong or (ddp and not found):
        yield _fault(run, unequal, sorted(wrong, key=_apart, reverse=True))


def _unequal(passes: Together) -> bool:
    samples = {one.samples for one in passes.values()}
    reduced = all(one.reducer and one.operation == "mean" for one in passes.values())
    dtensor = any(one.reducer == "DTensor" for one in passes.values())
    return reduced and not dtensor and len(samples) > 1 and None not in samples


def _is_weighted(one: Reduction) -> bool:
    """Whether what was made is the true gradient though the plain average is another one."""
    return one.error is not None and one.error < EQUAL < _error(one)


def _error(one: Reduction) -> float:
    """How far the plain average is from the true gradient, relative to that."""
    if one.expected is None or one.weighted is None:
        return 0.0
    return distance(one.expected, one.weighted) or 0.0


def _apart(one: Reduction) -> float:
    """How far the plain average is from the true gradient."""
    size = 0.0 if one.weighted is None else norm(one.weighted)
    return _error(one) * size


def _fault(
    run: DistributedRun, unequal: Sequence[tuple[int, Together]], wrong: Sequence[Reduction]
) -> RankFault:
    number, passes = unequal[0]
    samples = {rank: one.samples or 0 for rank, one in passes.items()}
    file, line = backward_place(run, min(passes), number)
    what = (
        f"The gradients are averaged as if all ranks had equally many samples: {_counts(samples)}."
    )
    if wrong:
        worst = wrong[0]
        what = f"{what[:-1]}; {_numbers(worst, sum(samples.values()))}."
    return RankFault(
        "unequal shards",
        tuple(sorted(passes)),
        tuple(one.leaf for one in wrong),
        number,
        what,
        "The loss of a rank is a mean over its own samples, and the mean of means weights ranks.",
        WEIGHT,
        len(unequal),
        line,
        file,
    )


def _counts(samples: dict[int, int]) -> str:
    by_count: dict[int, list[int]] = {}
    for rank, count in sorted(samples.items()):
        by_count.setdefault(count, []).append(rank)
    parts = [f"{count:,} on {ranks_text(ranks)}" for count, ranks in by_count.items()]
    return ", ".join(parts[:4]) + (f" and {len(parts) - 4} more" if len(parts) > 4 else "")


def _numbers(worst: Reduction, total: int) -> str:
    """What the average is and what it should be, of one number, or how far one is off."""
    off = percent(_error(worst))
    average, true = worst.expected, worst.weighted
    if average is None or true is None or len(true.numbers) != 1 or not true.whole:
        return f"the average for {worst.leaf} is {off} off the gradient over all {total:,}"
    one, other = number_text(average.numbers[0], 6), number_text(true.numbers[0], 6)
    return f"for {worst.leaf} that makes {one}, over all {total:,} it is {other} ({off} off)"
