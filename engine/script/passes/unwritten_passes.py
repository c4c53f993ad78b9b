"""Passes that have ended and are not written yet: one by one, or many alike in one array.

One thread adds them while another may write them, so each is added at once and in one piece.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch

from engine.recording.pass_chunk import Plain
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
    def losses(self) -> array[float]:
        """The losses of the passes."""
        return self.numbers[:: self.width]

    def variables(self) -> Iterator[tuple[str, Sequence[Plain]]]:
        """The loop variables at each of the passes, outermost first; there must be some."""
        counters = self.counters
        for name, kind, at in zip(counters.names, counters.kinds, counters.at, strict=True):
            column = self.numbers[1 + at :: self.width]
            yield name, _integers(column) if kind is int else column


class PassColumn:
    """Numbers or names side by side: as a range while they count."""

    def __init__(self, values: Sequence[Plain | None] = ()) -> None:
        self._counted: range | None = range(0)
        self._rest: list[Plain | None] = []
        self.add(values)

    def add(self, values: Sequence[Plain | None]) -> None:
        """Add values at the end."""
        if self._counted is not None and values:
            whole = joined(self._counted, values)
            if whole is None:
                self._rest += self._counted
            self._counted = whole
        if self._counted is None:
            self._rest += values

    @property
    def values(self) -> Sequence[Plain | None]:
        """All values, in the order of the passes."""
        return self._rest if self._counted is None else self._counted

    def __len__(self) -> int:
        return len(self.values)


@dataclass
class Waiting:
    """Passes that are to be written, side by side."""

    first: int
    """The number of the first one."""
    losses: array[float] = field(default_factory=lambda: array("d"))
    """Nan where there is none, and where it is not read yet."""
    unread: dict[int, torch.Tensor] = field(default_factory=dict)
    """Losses that are read when they are written, by their places."""
    without_loss: list[int] = field(default_factory=list)
    """The places of those that have none."""
    variables: dict[str, PassColumn] = field(default_factory=dict)
    numbers: PassColumn = field(default_factory=PassColumn)
    """Those of the passes that there are rows of, with the last one whose loss is written."""
    rows: list[Row] = field(default_factory=list)
    """What they left in the leaves; several rows where one is a matrix."""

    def add(self, part: OnePass | PassRun) -> None:
        """Add the passes that come next."""
        gap = part.number - self.first - len(self.losses)
        if gap > 0:  # passes of which nothing could be kept
            self._add([math.nan] * gap, {}, known=False)
        known = max(-gap, 0)
        if isinstance(part, OnePass):
            if not known:
                self._add_one(part)
            if part.row is not None:
                self.numbers.add(range(part.number, part.number + 1))
                self.rows.append(part.row)
        elif part:
            losses = part.losses[known:]
            if losses:
                self._add(losses, {name: some[known:] for name, some in part.variables()})
            self.numbers.add(range(part.number, part.number + len(part)))
            self.rows.append(part.rows())

    def _add_one(self, part: OnePass) -> None:
        number = part.loss if isinstance(part.loss, float) else math.nan
        if isinstance(part.loss, torch.Tensor):
            self.unread[len(self.losses)] = part.loss
        found = {
            name: range(one, one + 1) if type(one) is int else [one]
            for name, one in part.variables.items()
        }
        self._add([number], found, known=part.loss is not None)

    def _add(
        self, losses: Sequence[float], found: Mapping[str, Sequence[Plain]], *, known: bool = True
    ) -> None:
        count = len(self.losses)
        for name in found:
            if name not in self.variables:
                self.variables[name] = PassColumn([None] * count)
        for name, column in self.variables.items():
            column.add(found[name] if name in found else [None] * len(losses))
        if not known:
            self.without_loss += range(count, count + len(losses))
        self.losses.extend(losses)


def joined(counted: range, values: Sequence[object]) -> range | None:
    """One range of a range and what comes after it; None where they do not count on."""
    if not isinstance(values, range) or not values:
        return None
    if not counted:
        return values
    step = values[0] - counted[-1]
    known = {part.step for part in (counted, values) if len(part) > 1}
    if not step or known - {step}:
        return None
    return range(counted[0], values[-1] + step, step)


def _integers(column: array[float]) -> Sequence[int]:
    """Numbers that are integers, as such."""
    first, last = int(column[0]), int(column[-1])
    step = int(column[1]) - first if len(column) > 1 else 1
    if step and last == first + step * (len(column) - 1):
        counted = range(first, last + step, step)
        numbers = torch.arange(first, last + step, step, dtype=torch.float64)
        if torch.equal(torch.frombuffer(column, dtype=torch.float64), numbers):
            return counted
    return [*map(int, column)]


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
        numbers: Sequence[Any] = waiting.numbers.values
        kept = numbers[-1] if numbers else self.first
        parts = self._parts
        while parts and parts[0].number < kept:
            part = parts[0]
            if isinstance(part, PassRun) and part.number + len(part) > kept:
                part.drop(kept - part.number)
            else:
                del parts[0]
