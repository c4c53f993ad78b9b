"""The scalars of all ranks of a run as arrays: one series a rank, and how far they are apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.ranks.distributed_run import DistributedRun
from engine.ranks.same_pass import gradient_of
from engine.recording.rank_records import RankPass
from tui.script.passes.norm_block import Measure
from tui.script.passes.pass_history import PassHistory, Series

Quantity = Literal["loss", "local"] | Measure
"""The loss, or of a leaf its gradient before the ranks reduced it, or a measure of it."""


class Spread(NamedTuple):
    """The least and the largest of all ranks over the passes that all of them have."""

    numbers: NDArray[np.int64]
    least: NDArray[np.float64]
    most: NDArray[np.float64]


class RankHistory:
    """Series by rank of one state of a run; what was worked out is kept."""

    def __init__(self, run: DistributedRun, histories: Mapping[int, PassHistory]) -> None:
        self.run, self.histories = run, histories
        self._series: dict[tuple[int, Quantity, str], Series] = {}
        self._spreads: dict[tuple[Quantity, str], Spread | None] = {}

    @property
    def ranks(self) -> tuple[int, ...]:
        """The ranks that have a recording."""
        return self.run.present

    @property
    def has_local(self) -> bool:
        """Whether any rank has recorded gradients before they were reduced."""
        return any(bool(one.rank_passes) for one in self.run.ranks if one is not None)

    def series(self, rank: int, what: Quantity, leaf: str = "") -> Series:
        """Return a quantity of a rank over the passes; empty where it has none."""
        key = rank, what, leaf
        if key not in self._series:
            self._series[key] = self._made(rank, what, leaf)
        return self._series[key]

    def value(self, rank: int, number: int, what: Quantity, leaf: str = "") -> float:
        """Return a quantity of a rank at a pass, or the last before it that has it; else nan."""
        numbers, values = self.series(rank, what, leaf)
        place = int(numbers.searchsorted(number, "right")) - 1
        return float(values[place]) if place >= 0 else math.nan

    def has_come(self, rank: int, number: int, what: Quantity, leaf: str = "") -> bool:
        """Return whether a rank has a quantity of a pass, or of a later one."""
        numbers, _ = self.series(rank, what, leaf)
        return bool(len(numbers)) and int(numbers[-1]) >= number

    def values(self, number: int, what: Quantity, leaf: str = "") -> dict[int, float]:
        """Return the same of every rank."""
        return {rank: self.value(rank, number, what, leaf) for rank in self.ranks}

    def spread(self, what: Quantity, leaf: str = "") -> Spread | None:
        """Return the extremes over the ranks; None where no two of them have a pass in common."""
        key = what, leaf
        if key not in self._spreads:
            self._spreads[key] = _spread([self.series(rank, what, leaf) for rank in self.ranks])
        return self._spreads[key]

    def _made(self, rank: int, what: Quantity, leaf: str) -> Series:
        history, recording = self.histories[rank], self.run.ranks[rank]
        if what == "loss":
            return np.arange(len(history.losses), dtype=np.int64), history.losses
        if what == "local":
            return _local(recording.rank_passes if recording else (), leaf)
        numbers, values = history.series(leaf, what)
        return numbers, np.abs(values)


class RankHistories:
    """The histories of a run that grows, each going on from the last."""

    def __init__(self) -> None:
        self._last: RankHistory | None = None

    def of(self, run: DistributedRun) -> RankHistory:
        """Return the history of a run; the same one for the same state of it."""
        last = self._last
        if last is None or last.run is not run:
            known = last.histories if last else {}
            found = {
                rank: known.get(rank, PassHistory()).grown(one.passes)
                for rank, one in enumerate(run.ranks)
                if one is not None
            }
            self._last = last = RankHistory(run, found)
        return last


def _local(passes: Sequence[RankPass], leaf: str) -> Series:
    found = ((one.number, gradient_of(one, leaf)) for one in passes)
    kept = [(number, part.local_norm) for number, part in found if part is not None]
    numbers = np.array([number for number, _ in kept], np.int64)
    return numbers, np.array([np.nan if norm is None else norm for _, norm in kept], np.float64)


def _spread(series: Sequence[Series]) -> Spread | None:
    known = [one for one in series if len(one[0])]
    if len(known) < 2:
        return None
    common = min((numbers for numbers, _ in known), key=len)
    alike = all(np.array_equal(numbers[: len(common)], common) for numbers, _ in known)
    if not alike:
        for numbers, _ in known:
            common = np.intersect1d(common, numbers, assume_unique=True)
    if not len(common):
        return None
    least, most = (np.full(len(common), end) for end in (np.inf, -np.inf))
    for numbers, values in known:
        places = slice(len(common)) if alike else numbers.searchsorted(common)
        column = values[places]
        np.minimum(least, column, out=least)
        np.maximum(most, column, out=most)
    return Spread(common, least, most)
