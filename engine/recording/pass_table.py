"""The scalars of every backward pass of a script: loss, and the norms of each leaf.

Torch-free. A script writes them in chunks, of which a table is put together; a table only grows.
"""

from __future__ import annotations

import bisect
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from engine.recording.pass_chunk import COLUMNS, PassChunk, Plain


class Norms(NamedTuple):
    """One leaf over the passes, as far as they are kept."""

    numbers: Sequence[int]
    """The numbers of the passes."""
    value: Sequence[float]
    gradient: Sequence[float]
    update: Sequence[float]


@dataclass(frozen=True, slots=True, eq=False)
class DeepPass:
    """A pass that was recorded line by line, or at least with its graph."""

    number: int
    first: int
    """The index of its first moment."""
    end: int
    """The index after its last moment."""


class PassTable:
    """The scalars of all passes up to now."""

    def __init__(self, chunks: Sequence[PassChunk] = (), deep: Sequence[DeepPass] = ()) -> None:
        self.chunks = tuple(chunks)
        """What the table is put together of; one that has grown begins with the same."""
        self.deep = tuple(deep)
        """The passes that have moments, in order."""
        self.count = max((chunk.first + len(chunk.loss) for chunk in self.chunks), default=0)
        """How many passes have ended."""
        self._starts = [chunk.first for chunk in self.chunks]

    def __bool__(self) -> bool:
        return bool(self.count)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The names of all leaves that were seen, in order of their first pass."""
        return tuple(dict.fromkeys(name for chunk in self.chunks for name in chunk.leaves))

    @cached_property
    def losses(self) -> Sequence[float]:
        """The loss of every pass; nan where it is not known. An array, made once for all."""
        if len(self.chunks) == 1 and not self.chunks[0].first:
            return self.chunks[0].loss
        column = array("d", (math.nan,)) * self.count
        for chunk in self.chunks:
            column[chunk.first : chunk.first + len(chunk.loss)] = array("d", chunk.loss)
        return column

    def loss(self, number: int) -> float:
        """The loss of one pass; nan where it is not known."""
        chunk = self._chunk(number)
        return chunk.loss[number - chunk.first] if chunk else math.nan

    @property
    def has_losses(self) -> bool:
        """Whether any pass has a loss."""
        return any(len(chunk.without_loss) < len(chunk.loss) for chunk in self.chunks)

    def has_loss(self, number: int) -> bool:
        """Whether a pass had a root of one element, be its value infinite or undefined."""
        chunk = self._chunk(number)
        return chunk is not None and number - chunk.first not in chunk.without_loss

    def variables(self, number: int) -> Mapping[str, Plain]:
        """The loop variables around one pass."""
        chunk = self._chunk(number)
        if chunk is None:
            return {}
        at = number - chunk.first
        return {name: c for name, column in chunk.variables if (c := column[at]) is not None}

    def norms(self, leaf: str) -> Norms:
        """One leaf over the passes; raises KeyError for a leaf that no pass had."""
        if leaf not in self.leaves:
            raise KeyError(leaf)
        numbers = array("q")
        columns = tuple(array("d") for _ in COLUMNS)
        for chunk in self.chunks:
            if leaf in chunk.leaves:
                numbers += chunk.rows
                width = len(chunk.leaves) * len(COLUMNS)
                start = chunk.leaves.index(leaf) * len(COLUMNS)
                for i, column in enumerate(columns):
                    column.extend(chunk.norms[start + i :: width].tolist())
        return Norms(numbers, *columns)

    def first_nonfinite_loss(self) -> int | None:
        """The number of the first pass with an infinite or undefined loss; None without one."""
        for chunk in self.chunks:
            for at, loss in enumerate(chunk.loss):
                if not math.isfinite(loss) and at not in chunk.without_loss:
                    return chunk.first + at
        return None

    def deep_at(self, number: int) -> DeepPass | None:
        """The record of a pass that has moments; None where it has none."""
        at = bisect.bisect_left([one.number for one in self.deep], number)
        return self.deep[at] if at < len(self.deep) and self.deep[at].number == number else None

    def printed(self) -> tuple[tuple[int, str], ...]:
        """Return what was printed outside of recorded lines, each with a pass that it preceded."""
        return tuple(one for chunk in self.chunks for one in chunk.printed())

    def _chunk(self, number: int) -> PassChunk | None:
        at = bisect.bisect_right(self._starts, number) - 1
        if at < 0 or not 0 <= number - self.chunks[at].first < len(self.chunks[at].loss):
            return None
        return self.chunks[at]
