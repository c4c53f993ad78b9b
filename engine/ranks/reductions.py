"""What the ranks made of their local gradients in one pass: read off all of them.

Each rank records its own gradient and what stood in `.grad` when its update began. What the
average of the ranks is, and what it should be where they had different numbers of samples, is
worked out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from engine.autograd.values import Value
from engine.ranks.averages import distance, norm, ratio, weighted_mean, weighted_sum
from engine.ranks.differing import Class, classes_of
from engine.ranks.distributed_run import DistributedRun
from engine.ranks.same_pass import Together, gradient_of, leaves_of, together
from engine.recording.rank_records import Bucket, RankGradient, RankPass, Reducer

EQUAL = 1e-4
"""Two gradients that are nearer than this, relatively, are equal: they are of float32 or less."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one rank had of a gradient before the ranks reduced it, and after."""

    rank: int
    local: Value | None
    """The rank's own gradient; None where its numbers were not kept, or there is none."""
    local_norm: float | None
    """The norm of that; None where the pass did not reach the leaf on this rank."""
    made: Value | None
    """What stood in `.grad` when the update began; None where its numbers were not kept."""
    made_norm: float | None
    samples: int | None
    """Over how many numbers the loss of this rank is a mean; None where it is none."""
    made_digest: int = 0
    """Equal where what was made is; 0 where none was computed."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """The gradient of one leaf in one pass, over the ranks: local ones in, one out."""

    number: int
    """The number of the pass, from 0."""
    leaf: str
    reducer: Reducer
    """What reduced it; empty where nothing did."""
    operation: Literal["mean", "sum"]
    shares: tuple[Share, ...]
    """Of every rank that recorded the pass, in order."""
    bucket: Bucket | None = None
    """With what it was reduced in one call; None where that is not known."""
    expected: Value | None = None
    """The mean of the local gradients, or their sum: what the reduction makes. Only a corner of a
    large tensor; None where no numbers were kept, or not of all ranks."""
    weighted: Value | None = None
    """The true gradient of the mean over all samples, where the ranks had not equally many."""
    error: float | None = None
    """How far what was made is from `weighted`, relative to that; None without it."""
    factor: float | None = None
    """What was made, divided by what the reduction makes: 1 unless it was clipped or unscaled
    afterwards; None where that is not known, or they are not proportional."""
    accumulated: int = 0
    """How many passes before it were not reduced, and are in its gradient."""

    @property
    def made(self) -> Value | None:
        """What stood in `.grad` when the update began, of the first rank that kept it."""
        return next((one.made for one in self.shares if one.made is not None), None)

    @property
    def classes(self) -> Sequence[Class]:
        """The ranks in classes that were left the same, the largest first.

        Without those that have no gradient, or a part of their own.
        """
        marks = ((one.rank, (one.made_digest, one.made_norm)) for one in self.shares)
        return classes_of({rank: mark for rank, mark in marks if mark[0]})

    @property
    def as_expected(self) -> bool:
        """Whether what was made is what the reduction makes, to rounding."""
        if self.factor is not None:
            return abs(self.factor - 1) < EQUAL
        made, expected = self.made, self.expected
        return made is not None and expected is not None and distance(made, expected) == 0

    @property
    def whole(self) -> bool:
        """Whether all numbers were kept: of large tensors there are a corner and norms."""
        known = [one.local for one in self.shares if one.local_norm is not None]
        known += [one.made for one in self.shares if one.made_norm is not None]
        return all(value is not None and value.whole for value in known)


def reductions(run: DistributedRun, number: int) -> tuple[Reduction, ...]:
    """Return what the ranks made of every leaf's gradient in a pass; empty where none is known."""
    passes = together(run, number)
    return tuple(_reduction(run, number, leaf, passes) for leaf in leaves_of(passes))


def reduction(run: DistributedRun, number: int, leaf: str) -> Reduction | None:
    """Return what the ranks made of one leaf's gradient in a pass; None where it is not known."""
    passes = together(run, number)
    if all(gradient_of(one, leaf) is None for one in passes.values()):
        return None
    return _reduction(run, number, leaf, passes)


def _reduction(run: DistributedRun, number: int, leaf: str, passes: Together) -> Reduction:
    found = {rank: gradient_of(one, leaf) for rank, one in passes.items()}
    known = {rank: gradient for rank, gradient in found.items() if gradient is not None}
    first = passes[next(iter(known))]
    plain = Reduction(
        number,
        leaf,
        next((one.reducer for one in passes.values() if one.reducer), ""),
        first.operation,
        tuple(_share(rank, passes[rank], gradient) for rank, gradient in known.items()),
        _bucket(passes, known),
    )
    if not plain.reducer or len(known) < run.world_size:
        return plain  # nothing is expected, or not known of all ranks
    if plain.reducer == "DTensor":  # of which each rank may also keep a part of its own
        summed = _compared(plain)
        return summed if summed.as_expected else plain
    compared = _compared(plain)
    before = _passes_before(run, number, tuple(known))
    if not before or _fits(compared):
        return compared
    shares = _summed(plain, leaf, before)
    summed = _compared(replace(plain, shares=shares, accumulated=len(before)))
    # Mostly a rank's own gradient is what stands in `.grad`, with what those passes left there.
    multiple = compared.factor is None and summed.factor is not None
    return summed if multiple or _fits(summed) else compared


def _share(rank: int, one: RankPass, gradient: RankGradient) -> Share:
    return Share(
        rank,
        gradient.local,
        gradient.local_norm,
        gradient.reduced,
        gradient.norm,
        one.samples,
        gradient.digest,
    )


def _bucket(passes: Together, known: dict[int, RankGradient]) -> Bucket | None:
    for rank, gradient in known.items():
        buckets = passes[rank].buckets
        if gradient.bucket is not None and 0 <= gradient.bucket < len(buckets):
            return buckets[gradient.bucket]
    return None


def _compared(plain: Reduction) -> Reduction:
    """The reduction with what it makes, and how what was made fits that."""
    taking_part = [one for one in plain.shares if one.local_norm is not None]
    locals_ = [one.local for one in taking_part if one.local is not None]
    if not locals_ or len(locals_) < len(taking_part):
        return plain
    # A rank whose pass did not reach the leaf counts as one with a gradient of zero.
    weight = 1.0 if plain.operation == "sum" else 1 / len(plain.shares)
    expected = weighted_sum(locals_, [weight] * len(locals_))
    weighted = _true_gradient(plain, taking_part, locals_)
    made = plain.made
    return replace(
        plain,
        expected=expected,
        weighted=weighted,
        error=None if weighted is None or made is None else distance(made, weighted),
        factor=None if expected is None or made is None else _factor(made, expected),
    )


def _true_gradient(
    plain: Reduction, taking_part: Sequence[Share], locals_: Sequence[Value]
) -> Value | None:
    samples = [one.samples for one in taking_part if one.samples is not None]
    if plain.operation != "mean" or len(samples) < len(plain.shares) or len(set(samples)) < 2:
        return None
    return weighted_mean(locals_, samples)


def _factor(made: Value, expected: Value) -> float | None:
    """What `made` is a multiple of `expected` by; None where it is none."""
    factor = ratio(made, expected)
    multiple = None if factor is None else weighted_sum([expected], [factor])
    apart = None if multiple is None else distance(made, multiple)
    return factor if apart is not None and apart < EQUAL else None


def _fits(compared: Reduction) -> bool:
    weighted = compared.error is not None and compared.error < EQUAL
    return compared.as_expected or weighted


def _passes_before(
    run: DistributedRun, number: int, ranks: Sequence[int]
) -> Sequence[dict[int, RankPass]]:
    """What each rank recorded of the passes just before that nothing reduced, the last first."""
    found: list[dict[int, RankPass]] = []
    while number > 0:
        number -= 1
        one = together(run, number)
        if set(one) != set(ranks) or any(mine.reducer for mine in one.values()):
            break
        found.append(dict(one))
    return found


def _summed(
    plain: Reduction, leaf: str, before: Sequence[dict[int, RankPass]]
) -> tuple[Share, ...]:
    """The shares, each with what the passes before have left in `.grad`."""

    def summed(share: Share) -> Share:
        found = [gradient_of(one[share.rank], leaf) for one in before]
        reached = [one for one in found if one is not None and one.local_norm is not None]
        values = [share.local, *(one.local for one in reached)]
        kept = [one for one in values if one is not None]
        total = weighted_sum(kept, [1.0] * len(kept)) if len(kept) == len(values) else None
        size = share.local_norm if total is None else norm(total)
        return replace(share, local=total, local_norm=size)

    return tuple(summed(share) for share in plain.shares)
