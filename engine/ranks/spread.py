"""One number over the passes, a curve a rank, and how far apart the ranks are."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.ranks.distributed_run import DistributedRun
from engine.recording.records import Recording

Quantity = Literal["loss", "value", "gradient", "update", "local gradient"]
"""The loss, or of a leaf the norm of its value, its `.grad`, its update, or of its gradient before
the ranks reduced it."""


@dataclass(frozen=True, slots=True, eq=False)
class RankCurve:
    """A number of one rank over the passes."""

    rank: int
    numbers: Sequence[int]
    """The numbers of the passes."""
    values: Sequence[float]


@dataclass(frozen=True, slots=True, eq=False)
class RankCurves:
    """A number over the passes on every rank that has it."""

    quantity: Quantity
    leaf: str
    """The leaf that it is of; empty for the loss."""
    ranks: tuple[RankCurve, ...]
    """By rank, those that have any."""
    numbers: Sequence[int]
    """The numbers of the passes that all these ranks have."""
    spread: Sequence[float]
    """Of each of them the largest value less the smallest; nan where any is nan."""
    mean: Sequence[float]
    """Of each of them the mean over the ranks."""


def curves(run: DistributedRun, quantity: Quantity, leaf: str = "") -> RankCurves:
    """Return the curves of the loss, or of a number of one leaf, by rank, and their spread."""
    found = [_curve(rank, run.ranks[rank], quantity, leaf) for rank in run.present]
    ranks = tuple(one for one in found if len(one.numbers))
    points = [dict(zip(one.numbers, one.values, strict=True)) for one in ranks]
    numbers = [one for one in ranks[0].numbers if all(one in p for p in points)] if ranks else []
    columns = [[mine[number] for mine in points] for number in numbers]
    return RankCurves(
        quantity,
        leaf,
        ranks,
        array("q", numbers),
        array("d", map(_spread, columns)),
        array("d", (sum(column) / len(column) for column in columns)),
    )


def _curve(rank: int, recording: Recording | None, quantity: Quantity, leaf: str) -> RankCurve:
    values: Mapping[int, float] = {} if recording is None else _values(recording, quantity, leaf)
    return RankCurve(rank, array("q", values), array("d", values.values()))


def _values(recording: Recording, quantity: Quantity, leaf: str) -> Mapping[int, float]:
    passes = recording.passes
    if quantity == "loss":
        return dict(enumerate(passes.losses)) if passes.has_losses else {}
    if quantity == "local gradient":
        found = (
            (one.number, g.local_norm)
            for one in recording.rank_passes
            for g in one.gradients
            if g.leaf == leaf
        )
        return {number: size for number, size in found if size is not None}
    if leaf not in passes.leaves:
        return {}
    norms = passes.norms(leaf)
    column = {"value": norms.value, "gradient": norms.gradient, "update": norms.update}[quantity]
    return dict(zip(norms.numbers, column, strict=True))


def _spread(column: Sequence[float]) -> float:
    return math.nan if any(map(math.isnan, column)) else max(column) - min(column)
