"""The loop variables of passes that come from the same place, read as plain numbers.

Of a loop that makes hundreds of thousands of passes, each is to cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import CodeType, FrameType
from typing import Any, NamedTuple

from engine.recording.pass_chunk import Plain
from engine.script.frames.frame_variables import variables_of

EXACT = 2**53
"""Integers from here on are not all 64-bit floats."""

Counted = tuple[tuple[str, Any], ...]
"""The names of variables that are numbers, and of which type each is."""


class LoopPlace(NamedTuple):
    """Where a frame stands, and the variables of the loops around it."""

    code: CodeType
    instruction: int
    counted: Counted


class LoopCounters:
    """Loop variables that are numbers around `places`, which are given innermost first.

    `values` is what the variables are now, outermost first.
    """

    def __init__(
        self, places: Sequence[tuple[CodeType, int, Sequence[str]]], values: Mapping[str, Plain]
    ) -> None:
        read = [name for _, _, names in places for name in names]
        self.names = tuple(values)
        self.kinds = tuple(map(type, values.values()))
        are_numbers = sorted(read) == sorted(values) and {*self.kinds} <= {int, float}
        self.are_numbers = are_numbers and all(map(str.isidentifier, read))
        """Whether all are numbers in variables; otherwise they cannot be read."""
        self.at = tuple(map(read.index, values)) if self.are_numbers else ()
        """Where each of the names is in what is read: the inner ones, then the outer ones."""
        inner, *outer = (
            LoopPlace(code, instruction, tuple((name, type(values.get(name))) for name in names))
            for code, instruction, names in places
        )
        self.inner = inner.counted
        self.outer = outer
        """The places around the innermost."""

    def named(self, numbers: Sequence[float]) -> dict[str, Plain]:
        """Return the variables by their names, outermost first; `numbers` begins with them."""
        found = zip(self.names, self.kinds, self.at, strict=True)
        return {name: kind(numbers[at]) for name, kind, at in found}


def add_counters(
    places: Sequence[LoopPlace], frame: FrameType | None, numbers: list[float]
) -> bool:
    """Add the numbers in a frame and around it; False where it is elsewhere, or they are others."""
    for code, instruction, counted in places:
        if frame is None or frame.f_code is not code or frame.f_lasti != instruction:
            return False
        for name, kind in counted:
            value: Any = variables_of(frame).get(name)
            if type(value) is not kind or not -EXACT < value < EXACT:
                return False
            numbers.append(value)
        frame = frame.f_back
    return True
