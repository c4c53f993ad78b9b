"""Passes that have ended and are not written yet: one by one, or many alike in one array.

One thread adds them while another may write them, so each is added at once and in one piece.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

from engine.recording.pass_table import Plain
from engine.script.frames.loop_counters import LoopCounters
from engine.script.passes.leaf_columns import Row

Loss = torch.Tensor | float | None


class OnePass(NamedTuple):
    """A pass of which anything may be known."""

    number: int
    loss: Loss
    variables: Mapping[str, Plain]
    row: Row | None
    """What it left in the leaves; None where that was not read."""


class PassRun:
    """Consecutive passes of the same few numbers: the loss, loop counters, those of leaves."""

    def __init__(self, number: int, counters: LoopCounters, width: int) -> None:
        self.number = number
        """That of the first pass."""
        self.counters = counters
        self.width = width
        self.numbers = array("d")
        """Those of all passes, one after the other."""
        self.add: Callable[[list[float]], None] = self.numbers.fromlist
        """Add a pass by its numbers, as many as the width."""

    def __len__(self) -> int:
        return len(self.numbers) // self.width

    def copy(self) -> PassRun:
        """Return what it has by now."""
        copy = PassRun(self.number, self.counters, self.width)
        copy.numbers += self.numbers
        return copy

    def drop(self, count: int) -> None:
        """Forget the first passes, which are written."""
        del self.numbers[: count * self.width]
        self.number += count

    def rows(self) -> torch.Tensor:
        """Return what the passes left in the leaves; there must be some."""
        table = torch.frombuffer(self.numbers, dtype=torch.float64)
        return table.reshape(-1, self.width)[:, 1 + len(self.counters.at) :]

    @property
    def losses(self) -> Sequence[float]:
        """The losses of the passes."""
        return self.numbers[:: self.width]

    def variables(self) -> Iterator[tuple[str, Sequence[Plain]]]:
        """The loop variables at each of the passes, outermost first."""
        counters = self.counters
        for name, kind, at in zip(counters.names, counters.kinds, counters.at, strict=True):
            column = self.numbers[1 + at :: self.width]
            yield name, [*map(int, column)] if kind is int else column


@dataclass
class Waiting:
    """Passes that are to be written, side by side."""

    first: int
    """The number of the first one."""
    losses: list[Loss] = field(default_factory=list)
    variables: dict[str, list[Plain | None]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    """Those of the passes that there are rows of, with the last one whose loss is written."""
    rows: list[Row] = field(default_factory=list)
    """What they left in the leaves; several rows where one is a matrix."""

    def add(self, part: OnePass | PassRun) -> None:
        """Add the passes that come next."""
        gap = part.number - self.first - len(self.losses)
        if gap > 0:  # passes of which nothing could be kept
            self._add([None] * gap, {})
        known = max(-gap, 0)
        if isinstance(part, OnePass):
            if not known:
                self._add([part.loss], {name: [one] for name, one in part.variables.items()})
            if part.row is not None:
                self.numbers.append(part.number)
                self.rows.append(part.row)
        elif part:
            losses = part.losses[known:]
            if losses:
                self._add(losses, {name: some[known:] for name, some in part.variables()})
            self.numbers += range(part.number, part.number + len(part))
            self.rows.append(part.rows())

    def _add(self, losses: Sequence[Loss], found: Mapping[str, Sequence[Plain]]) -> None:
        for name in found:
            if name not in self.variables:
                self.variables[name] = [None] * len(self.losses)
        for name, column in self.variables.items():
            column += found[name] if name in found else [None] * len(losses)
        self.losses += losses


class UnwrittenPasses:
    """Keeps passes until they are written, and the last row until there is another."""

    def __init__(self) -> None:
        self.first = 0
        """The number of the first pass that is not written."""
        self._parts: list[OnePass | PassRun] = []

    def __len__(self) -> int:
        """How many parts there are; a run, however long, is one."""
        return len(self._parts)

    def add(self, part: OnePass | PassRun) -> None:
        """Add a pass, or a run to which passes will be added while it is the last part."""
        self._parts.append(part)

    def waiting(self) -> Waiting:
        """Return what there is by now."""
        waiting = Waiting(self.first)
        for part in self._parts[:]:
            waiting.add(part if isinstance(part, OnePass) else part.copy())
        return waiting

    def written(self, waiting: Waiting) -> None:
        """Forget what has been written, but for the last row."""
        self.first += len(waiting.losses)
        kept = waiting.numbers[-1] if waiting.numbers else self.first
        parts = self._parts
        while parts and parts[0].number < kept:
            part = parts[0]
            if isinstance(part, PassRun) and part.number + len(part) > kept:
                part.drop(kept - part.number)
            else:
                del parts[0]
