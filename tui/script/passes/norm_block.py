"""The norms of leaves over some consecutive passes as one array, and what is known of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.recording.pass_chunk import COLUMNS, PassChunk

Floats = NDArray[np.floating]
Flags = NDArray[np.bool_]
Measure = Literal["value", "gradient", "update", "ratio"]
MEASURES: tuple[Measure, ...] = ("value", "gradient", "update", "ratio")
"""The three columns of a table of passes, and update over value."""
ROWS = 1024
NUMBERS = 1_000_000
"""A block takes no further rows beyond so many, or so many numbers."""
LONG = 1 << 14
"""The most rows of a block that is part of a chunk."""

STRIDE = 32
"""Of so many passes a coarse look sees the largest number."""


@dataclass(frozen=True, eq=False)
class NormBlock:
    """Rows of norms of the same leaves; nan where there is none."""

    leaves: tuple[str, ...]
    numbers: NDArray[np.int64]
    """The passes, ascending."""
    norms: NDArray[np.float32]
    """By pass, leaf and column."""

    def takes(self, other: NormBlock) -> bool:
        """Whether another block's rows may be joined to these."""
        small = len(self.numbers) < ROWS and self.norms.size + other.norms.size < NUMBERS
        return small and self.leaves == other.leaves

    def joined(self, other: NormBlock) -> NormBlock:
        """Return a block with the rows of both."""
        numbers = np.concatenate([self.numbers, other.numbers])
        return NormBlock(self.leaves, numbers, np.concatenate([self.norms, other.norms]))

    def measure(self, what: Measure) -> NDArray[np.float64]:
        """Return one measure by pass and leaf; a ratio is nan where the value is zero."""
        return measured(self.norms, what)

    @cached_property
    def column_of(self) -> dict[str, int]:
        """By the name of a leaf, its place on the middle axis of `norms`."""
        return {leaf: column for column, leaf in enumerate(self.leaves)}

    @cached_property
    def finite(self) -> Flags:
        """By pass, whether all values and gradients are finite numbers."""
        finite: Flags = np.asarray(np.isfinite(self.norms[:, :, :2]).all(axis=(1, 2)))
        return finite

    @cached_property
    def has_gradient(self) -> Flags:
        """By leaf, whether it had a gradient in any pass."""
        has: Flags = np.asarray((~np.isnan(self.norms[:, :, 1])).any(axis=0))
        return has

    @cached_property
    def largest(self) -> NDArray[np.float64]:
        """By measure and leaf, the largest finite absolute value; 0 where there is none."""
        found = (np.abs(self.measure(what)) for what in MEASURES)
        return np.stack([np.where(np.isfinite(m), m, 0.0).max(axis=0, initial=0) for m in found])

    @cached_property
    def coarse(self) -> dict[Measure, NDArray[np.float64]]:
        """By measure, the largest finite absolute value of every `STRIDE` passes, by leaf.

        Nan where there is none.
        """
        starts = np.arange(0, len(self.numbers), STRIDE)
        found = {what: np.abs(self.measure(what)) for what in MEASURES}
        finite = {what: np.where(np.isfinite(m), m, np.nan) for what, m in found.items()}
        return {what: np.fmax.reduceat(m, starts) for what, m in finite.items()}

    def broken(self, losses: Floats, had_gradient: Flags) -> Flags:
        """Return by pass and leaf which value or gradient is nan or infinite.

        A leaf that is gone has neither, though the loss is finite; one that never had a
        gradient, as `had_gradient` says by leaf, misses none.
        """
        value, gradient = self.norms[:, :, 0], self.norms[:, :, 1]
        gone = np.isnan(value) & np.isnan(gradient) & np.isfinite(losses)[:, None]
        missing = np.isnan(gradient) & ~had_gradient
        return (~np.isfinite(value) | (~np.isfinite(gradient) & ~missing)) & ~gone


def blocks_of(chunk: PassChunk) -> list[NormBlock]:
    """Return the norms of a chunk without copying them; of a long one in several blocks."""
    if not len(chunk.rows) or not chunk.leaves:
        return []
    leaves, count = chunk.leaves, len(chunk.rows)
    numbers = np.frombuffer(chunk.rows, np.int64)
    norms = np.frombuffer(chunk.norms, np.float32).reshape(count, len(leaves), len(COLUMNS))
    most = max(min(LONG, NUMBERS // norms[0].size), 1)
    return [
        NormBlock(leaves, numbers[at : at + most], norms[at : at + most])
        for at in range(0, count, most)
    ]


def measured(norms: Floats, what: Measure) -> NDArray[np.float64]:
    """Return one measure of norms whose last axis is that of the columns."""
    if what != "ratio":
        column: NDArray[np.float64] = norms[..., MEASURES.index(what)].astype(np.float64)
        return column
    value, update = (np.abs(norms[..., i].astype(np.float64)) for i in (0, 2))
    ratio = np.full(value.shape, np.nan)
    np.divide(update, value, out=ratio, where=value > 0)
    return ratio
