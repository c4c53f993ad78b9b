"""The gradient ledger: for each leaf, which backward pass added what to its `.grad`.

Torch-free, from the records alone: gradients add up until something takes them away, and here
that is seen line by line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import Literal

from engine.autograd.graph import Backward
from engine.autograd.values import Value
from engine.recording.records import Moment, Recording

Event = Literal["added", "zeroed", "cleared", "changed", "reduced"]
"""By a backward pass; filled with zeros; set to None; changed otherwise, as by clipping; with the
gradients of other ranks made one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one leaf's `.grad`."""

    event: Event
    moment: int
    """The index of the moment in the recording."""
    line: int
    before: Value | None
    after: Value | None
    added: Value | None = None
    """The gradient that a backward pass added; None for other events."""
    number: int | None = None
    """The number of the script's backward pass, from 1."""


@dataclass(frozen=True, slots=True)
class LeafLedger:
    """The changes of one leaf's `.grad`, in order."""

    name: str
    entries: tuple[Entry, ...]

    @property
    def since_cleared(self) -> int:
        """The number of backward passes that have added up in `.grad` since it was cleared."""
        count = 0
        for entry in self.entries:
            if entry.event == "added":
                count = 1 if entry.before is None else count + 1
            elif entry.event not in ("changed", "reduced"):
                count = 0
        return count


def ledger(recording: Recording, index: int) -> tuple[LeafLedger, ...]:
    """All leaves that got a gradient up to and with a moment, in order of their first one.

    Leaves go by their names; one without a name is left out.
    """
    entries: dict[str, list[Entry]] = {}
    grads: dict[str, Value | None] = {}
    passes = 0
    for position, moment in enumerate(recording.moments[: index + 1]):
        last = passes if moment.backward is None else moment.backward + 1
        for number in range(passes, last):
            backward = recording.backwards[number]
            for name, entry in _added(backward, position, moment.line, number + 1):
                mine = entries.setdefault(name, [])
                if mine and not alike(grads.get(name), entry.before):
                    mine.append(_taken(position, moment.line, grads.get(name), entry.before))
                mine.append(entry)
                grads[name] = entry.after
        passes = last
        for name, after in _grads_in_sight(moment, entries):
            if not alike(after, grads[name]):
                entries[name].append(_taken(position, moment.line, grads[name], after))
                grads[name] = after
    return tuple(LeafLedger(name, tuple(mine)) for name, mine in entries.items())


def _added(
    backward: Backward, position: int, line: int, number: int
) -> Iterator[tuple[str, Entry]]:
    for gradient in backward.gradients:
        node = backward.graph.nodes[gradient.node]
        if node.is_leaf and node.name is not None:
            before, after = gradient.grad_before, gradient.grad_after
            added = gradient.incoming[0]
            yield node.name, Entry("added", position, line, before, after, added, number)


def _grads_in_sight(
    moment: Moment, entries: dict[str, list[Entry]]
) -> Iterator[tuple[str, Value | None]]:
    for tensor in moment.tensors:
        if tensor.name in entries and tensor.name in moment.changed:
            yield tensor.name, tensor.grad


def _taken(position: int, line: int, before: Value | None, after: Value | None) -> Entry:
    event: Event = "changed"
    if after is None:
        event = "cleared"
    elif after.is_zero:
        event = "zeroed"
    return Entry(event, position, line, before, after)


def alike(one: Value | None, other: Value | None) -> bool:
    """The same numbers; nan as equal to itself, sums as equal in any order of adding up."""
    if one is None or other is None:
        return one is other
    if one.summary is None or other.summary is None:
        return repr(one) == repr(other)
    sums = zip(astuple(one.summary), astuple(other.summary), strict=True)
    return repr(one.numbers) == repr(other.numbers) and all(
        math.isclose(a, b, rel_tol=1e-9) for a, b in sums
    )
