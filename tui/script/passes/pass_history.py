"""The scalars of a run's passes as arrays, which go on from those of the run before it grew.

The table of passes cannot tell a gradient that is nan from one that is missing: a leaf that never
had one misses none, and one that is gone, with a finite loss, is not broken.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.recording.pass_table import PassTable
from tui.script.passes.norm_block import (
    MEASURES,
    STRIDE,
    Flags,
    Floats,
    Measure,
    NormBlock,
    blocks_of,
    measured,
)

Series = tuple[NDArray[np.int64], Floats]
"""Numbers of passes, and a measure at each."""

FEW = 4_000
"""Up to so many passes every one is looked at, also for a picture of a few cells."""


class LeafRow(NamedTuple):
    """All leaves of a history at one pass."""

    number: int
    norms: NDArray[np.float32]
    """By leaf and column; nan where there is none."""
    broken: Flags
    """By leaf, whether its value or its gradient is nan or infinite."""

    def measure(self, what: Measure) -> NDArray[np.float64]:
        """Return one measure by leaf."""
        return measured(self.norms, what)


class PassHistory:
    """Reads what is asked for off blocks of passes; what is known of a block is kept."""

    def __init__(
        self,
        table: PassTable | None = None,
        blocks: tuple[NormBlock, ...] = (),
        names: tuple[str, ...] = (),
    ) -> None:
        self.table = table or PassTable()
        self._blocks = blocks
        self._firsts = [int(block.numbers[0]) for block in blocks]
        self.leaves = names
        """The names of all leaves, `layers.2` before `layers.10`."""

    def grown(self, table: PassTable) -> PassHistory:
        """Return the history of another table, which often begins with the same chunks."""
        if table is self.table:
            return self
        known, chunks = self.table.chunks, table.chunks
        same = bool(known) and chunks[len(known) - 1 : len(known)] == known[-1:]
        blocks = list(self._blocks) if same else []
        names = dict.fromkeys(self.leaves if same else ())
        for chunk in chunks[len(known) if same else 0 :]:
            names.update(dict.fromkeys(chunk.leaves))
            for block in blocks_of(chunk):
                if blocks and blocks[-1].takes(block):
                    blocks[-1] = blocks[-1].joined(block)
                else:
                    blocks.append(block)
        return PassHistory(table, tuple(blocks), tuple(sorted(names, key=_natural)))

    @cached_property
    def losses(self) -> Floats:
        """The loss of every pass, as it is held; nan where it is not known."""
        return np.asarray(self.table.losses)

    @cached_property
    def knows_losses(self) -> bool:
        """Whether any pass has one loss, be it infinite; nan alone is that of several roots."""
        return not bool(np.isnan(self.losses).all())

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Where each leaf stands among the leaves."""
        return {leaf: place for place, leaf in enumerate(self.leaves)}

    @cached_property
    def had_gradient(self) -> Flags:
        """By leaf, whether it had a gradient in any pass."""
        had = np.zeros(len(self.leaves), np.bool_)
        for block in self._blocks:
            had[self._places(block)] |= block.has_gradient
        return had

    def row(self, number: int) -> LeafRow | None:
        """Return all leaves at a pass, else at the last one before it that has norms."""
        at = bisect_right(self._firsts, number) - 1
        if at < 0:
            return None
        block = self._blocks[at]
        row = int(block.numbers.searchsorted(number, "right")) - 1
        places, found = self._places(block), int(block.numbers[row])
        norms = np.full((len(self.leaves), 3), np.nan, np.float32)
        norms[places] = block.norms[row]
        broken = np.zeros(len(self.leaves), np.bool_)
        if not block.finite[row]:
            broken[places] = self._broken(block)[row]
        return LeafRow(found, norms, broken)

    def fraction(self, number: int) -> float:
        """Return how far along the passes that have norms a pass is, from 0 to below 1."""
        counts = [len(block.numbers) for block in self._blocks]
        at = bisect_right(self._firsts, number) - 1
        if at < 0:
            return 0.0
        row = int(self._blocks[at].numbers.searchsorted(number, "right")) - 1
        return (sum(counts[:at]) + row) / sum(counts)

    def series(self, leaf: str, what: Measure) -> Series:
        """Return a measure of one leaf over the passes that have norms of it."""
        blocks = [block for block in self._blocks if leaf in block.column_of]
        if not blocks:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        numbers = self._numbers_of(blocks)
        found, end = np.empty(len(numbers), np.float32), 0
        with np.errstate(over="ignore"):
            for block in blocks:
                start, end = end, end + len(block.numbers)
                found[start:end] = measured(block.norms[:, block.column_of[leaf]], what)
        return numbers, found

    def _numbers_of(self, blocks: Sequence[NormBlock]) -> NDArray[np.int64]:
        """The passes of blocks, without a copy where those are all of the only chunk."""
        if len(self.table.chunks) == 1 and len(blocks) == len(self._blocks):
            return np.frombuffer(self.table.chunks[0].rows, np.int64)
        return np.concatenate([block.numbers for block in blocks])

    def sketch(self, leaf: str, what: Measure) -> NDArray[np.float64]:
        """Return absolute values of a measure of one leaf over all passes that have norms.

        Of a long run the largest of every few; nan where there is none.
        """
        coarse = sum(len(block.numbers) for block in self._blocks) > FEW
        parts = []
        for block in self._blocks:
            at, count = block.column_of.get(leaf), len(block.numbers)
            if at is None:
                parts.append(np.full(-(-count // STRIDE) if coarse else count, np.nan))
            elif coarse:
                parts.append(block.coarse[what][:, at])
            else:
                parts.append(np.abs(measured(block.norms[:, at], what)))
        return np.concatenate(parts) if parts else np.zeros(0)

    def largest(self, what: Measure, count: int) -> tuple[str, ...]:
        """Return at most so many leaves: those with the largest numbers ever, the largest first."""
        peaks = np.zeros(len(self.leaves))
        for block in self._blocks:
            places = self._places(block)
            peaks[places] = np.maximum(peaks[places], block.largest[MEASURES.index(what)])
        order = np.argsort(-peaks, kind="stable")[:count]
        return tuple(self.leaves[place] for place in order)

    def first_broken(self) -> int | None:
        """Return the first pass whose loss, or a leaf's value or gradient, is nan or infinite."""
        found: list[int] = []
        for block in self._blocks:
            if not block.finite.all():
                rows = np.flatnonzero(self._broken(block).any(axis=1))
                found += block.numbers[rows[:1]].tolist()
            if found:
                break
        broken = np.flatnonzero(~np.isfinite(self.losses)).tolist()
        found += islice(filter(self.table.has_loss, broken), 1)
        return min(found, default=None)

    def _broken(self, block: NormBlock) -> Flags:
        known = np.clip(block.numbers, 0, max(len(self.losses) - 1, 0))
        losses = self.losses[known] if len(self.losses) else np.full(len(known), np.nan)
        return block.broken(losses, self.had_gradient[self._places(block)])

    def _places(self, block: NormBlock) -> NDArray[np.intp]:
        places = self.place_of
        return np.array([places[leaf] for leaf in block.leaves], np.intp)


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """By the numbers in a name, not by their digits."""
    parts = re.split(r"(\d+)", name)
    return [(odd % 2 == 1, int(p[-18:]) if odd % 2 else 0, p) for odd, p in enumerate(parts)]
