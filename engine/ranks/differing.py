"""Which numbers differ between ranks that should have the same, since when, and how often.

Numbers are the same where their digests are, or, without digests, their norms; whatever is not a
number is the same everywhere. Ranks that began with the same parameters in groups of equal size
hold parts of one model: only within a group is anything the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.same_pass import Together, common_passes
from engine.recording.rank_records import RankGradient

NEAR = 1e-5
"""Norms that are nearer than this, relatively, are equal."""

Class = tuple[int, ...]
"""Ranks that have the same numbers."""
Mark = tuple[int, float | None]
"""The digest of some numbers, 0 where none was made, and their norm."""


@dataclass(slots=True)
class Difference:
    """A leaf whose gradients after the reduction, or whose values, differ between ranks."""

    leaf: str
    ranks: Class
    """Those that differ from most of the others; all, where there is no majority."""
    numbers: list[int]
    """The passes in which it differs, in order."""
    norms: Mapping[int, float | None]
    """By rank, in the first of them."""
    reduced: bool
    """Whether anything reduces its gradients."""


@dataclass(slots=True)
class Differing:
    """What differs between the ranks over all passes that they recorded."""

    gradients: dict[str, Difference] = field(default_factory=dict)
    """By leaf, in the order in which that was found."""
    values: dict[str, Difference] = field(default_factory=dict)
    first: int | None = None
    """The first pass that two ranks recorded; None where there is none."""
    compared: Sequence[int] = ()
    """All passes that were compared, in order."""
    reducing: bool = False
    """Whether in any pass anything was reduced."""


def differing(run: DistributedRun) -> Differing:
    """Return what differs between ranks: of parameters that each rank keeps in parts, nothing."""
    passes = [(number, mine) for number, mine in common_passes(run) if not _in_parts(mine)]
    found = Differing()
    if not passes:
        return found
    found.compared = [number for number, _ in passes]
    found.first = found.compared[0]
    found.reducing = any(one.reducer for _, mine in passes for one in mine.values())
    reduced = _reduced(passes)
    apart = {leaf: classes for leaf, classes, _ in _apart(passes[0][1], _value_mark)}
    groups = {leaf: classes for leaf, classes in apart.items() if _are_groups(classes)}
    own = {leaf for leaf in apart if leaf not in reduced}  # each rank has a part of its own there
    for number, mine in passes:
        _note(found.values, number, _apart(mine, _value_mark, groups, own), reduced)
        if all(one.reducer for one in mine.values()):
            _note(found.gradients, number, _apart(mine, _gradient_mark, groups, own), reduced)
    return found


def classes_of(marks: Mapping[int, Mark]) -> list[Class]:
    """Return the ranks in classes of equal numbers, the largest first."""
    if all(digest for digest, _ in marks.values()):
        by_digest: dict[object, list[int]] = {}
        for rank, (digest, size) in marks.items():
            unknown = size is not None and math.isnan(size)
            by_digest.setdefault("nan" if unknown else digest, []).append(rank)
        classes = list(by_digest.values())
    else:
        classes = _by_norm({rank: size for rank, (_, size) in marks.items()})
    return sorted((tuple(sorted(one)) for one in classes), key=lambda one: (-len(one), one))


def odd_ones(classes: Sequence[Class]) -> Class:
    """Return the ranks that are not as most of the others are: all, where there is no majority."""
    everyone = sorted(rank for one in classes for rank in one)
    most = classes[0] if len(classes[0]) * 2 > len(everyone) else ()
    return tuple(rank for rank in everyone if rank not in most)


def _by_norm(norms: Mapping[int, float | None]) -> list[list[int]]:
    classes: list[list[int]] = []
    before: float | None = None
    known = {rank: size for rank, size in norms.items() if size is not None}
    for rank, size in sorted(known.items(), key=lambda one: (math.isnan(one[1]), one[1])):
        same = before is not None and (
            math.isclose(size, before, rel_tol=NEAR) or (math.isnan(size) and math.isnan(before))
        )
        if same:
            classes[-1].append(rank)
        else:
            classes.append([rank])
        before = size
    return classes


def _value_mark(gradient: RankGradient) -> Mark:
    return gradient.value_digest, gradient.value_norm


def _gradient_mark(gradient: RankGradient) -> Mark:
    return gradient.digest, gradient.norm


def _apart(
    passes: Together,
    mark: Callable[[RankGradient], Mark],
    groups: Mapping[str, Sequence[Class]] | None = None,
    without: frozenset[str] | set[str] = frozenset(),
) -> Iterator[tuple[str, list[Class], dict[int, float | None]]]:
    """Yield the leaves that differ between ranks, with their classes and norms."""
    rows = [[mark(gradient) for gradient in one.gradients] for one in passes.values()]
    if all(row == rows[0] for row in rows[1:]):
        return
    by_leaf: dict[str, dict[int, Mark]] = {}
    for (rank, one), row in zip(passes.items(), rows, strict=True):
        for gradient, known in zip(one.gradients, row, strict=True):
            if known[1] is not None and known[0]:  # else each rank has a part of its own
                by_leaf.setdefault(gradient.leaf, {})[rank] = known
    for leaf, marks in by_leaf.items():
        if leaf in without or len(set(marks.values())) < 2:
            continue
        for group in (groups or {}).get(leaf, [tuple(marks)]):
            mine = {rank: marks[rank] for rank in group if rank in marks}
            classes = classes_of(mine)
            if len(classes) > 1:
                yield leaf, classes, {rank: size for rank, (_, size) in mine.items()}


def _note(
    found: dict[str, Difference],
    number: int,
    apart: Iterator[tuple[str, list[Class], dict[int, float | None]]],
    reduced: frozenset[str],
) -> None:
    for leaf, classes, norms in apart:
        if leaf not in found:
            if leaf not in reduced and _are_groups(classes):
                continue  # ranks that are in groups, and reduce within them
            found[leaf] = Difference(leaf, odd_ones(classes), [], norms, leaf in reduced)
        if number not in found[leaf].numbers[-1:]:
            found[leaf].numbers.append(number)


def _reduced(passes: Sequence[tuple[int, Together]]) -> frozenset[str]:
    """The leaves that anything reduced: all of a pass of which no buckets are known."""
    found: set[str] = set()
    for _, mine in passes:
        for one in mine.values():
            if one.reducer:
                inside = {g.leaf for g in one.gradients if g.bucket is not None}
                found |= inside or {gradient.leaf for gradient in one.gradients}
    return frozenset(found)


def _are_groups(classes: Sequence[Class]) -> bool:
    return len(classes) > 1 and len(classes[0]) > 1 and len(classes[0]) == len(classes[-1])


def _in_parts(passes: Together) -> bool:
    return any(one.reducer == "DTensor" for one in passes.values())
