"""Two runs of nearly the same script in lockstep: which lines of one stand beside which."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from engine.recording.records import Recording
from engine.recording.source_lines import source_lines


class Pace(NamedTuple):
    """How many executed lines lie behind in either of two recordings."""

    one: int
    other: int
    level: bool = True
    """Whether the same comes next in both: numbers can be compared."""


def lockstep(one: Recording, other: Recording) -> tuple[Pace, ...]:
    """Return positions to step through, from before the first line to both ends.

    The same lines run at the same step; where only one of the two runs a line, the other waits.
    """
    paces = [Pace(0, 0)]
    matcher = SequenceMatcher(None, _executed(one), _executed(other), autojunk=False)
    for tag, start, stop, begin, end in matcher.get_opcodes():
        longest = max(stop - start, end - begin)
        for step in range(1, longest + 1):
            level = tag == "equal" or step == longest
            paces.append(Pace(min(start + step, stop), min(begin + step, end), level))
    return tuple(paces)


def _executed(recording: Recording) -> Sequence[str]:
    """The text of every line that has run, in order."""
    lines = source_lines(recording.source)
    numbers = (moment.line for moment in recording.moments)
    return [lines[n - 1].strip() if n <= len(lines) else "" for n in numbers]
