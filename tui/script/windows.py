"""The passes of a recording that have lines, and where in it they are.

Of a long run most passes have none. Nothing here looks at more than a few moments of a recording
in a file; the passes of one in memory, as of a lesson, are read off its moments once.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from engine.recording.pass_chunk import Plain
from engine.recording.pass_table import DeepPass
from engine.recording.records import Recording

LOOK_BACK = 400
"""So many moments are looked at for what came before: notes of lines, and changes of `.grad`."""
SEARCH_LIMIT = 2_000
"""So many moments are looked at for the nearest backward pass."""


class PassWindow(NamedTuple):
    """Consecutive moments of one pass."""

    number: int
    """The pass, from 0."""
    first: int
    """The index of its first moment."""
    end: int
    """The index after its last moment."""


def deep_passes(recording: Recording) -> Sequence[DeepPass]:
    """Return the passes that have lines and have run backward, in order."""
    if recording.passes.deep or not isinstance(recording.moments, tuple):
        return recording.passes.deep
    return _in_memory(recording)


def total(recording: Recording) -> int:
    """Return how many passes there are up to now, with lines and without."""
    deep = deep_passes(recording)
    return max(recording.passes.count, deep[-1].number + 1 if deep else 0)


def window_at(recording: Recording, index: int) -> PassWindow:
    """Return the window of a moment; between those of passes, the lines there."""
    deep = deep_passes(recording)
    at = bisect.bisect_right(deep, index, key=lambda one: one.first) - 1
    if at >= 0 and index < deep[at].end:
        return _window(deep[at])
    first = deep[at].end if at >= 0 else 0
    end = deep[at + 1].first if at + 1 < len(deep) else len(recording.moments)
    return PassWindow(recording.moments[index].number, first, end)


def window_here(recording: Recording, lines: int) -> PassWindow | None:
    """Return the window in which one is after so many lines; None where there are none at all."""
    if not recording.moments:
        return None
    return window_at(recording, max(lines - 1, 0))


def window_of(recording: Recording, number: int) -> PassWindow | None:
    """Return the window of a pass; None where it has no lines."""
    deep = deep_passes(recording)
    at = bisect.bisect_left(deep, number, key=lambda one: one.number)
    return _window(deep[at]) if at < len(deep) and deep[at].number == number else None


def nearest(recording: Recording, number: int) -> PassWindow | None:
    """Return the window of a pass, else of the one with lines that is nearest; the earlier first.

    None where no pass has lines.
    """
    deep = deep_passes(recording)
    at = bisect.bisect_left(deep, number, key=lambda one: one.number)
    around = deep[max(at - 1, 0) : at + 1]
    found = min(around, key=lambda one: abs(one.number - number), default=None)
    return None if found is None else _window(found)


def at_or_before(recording: Recording, number: int) -> PassWindow | None:
    """Return the window of a pass, else of the last one before it; None without one."""
    deep = deep_passes(recording)
    at = bisect.bisect_right(deep, number, key=lambda one: one.number) - 1
    return _window(deep[at]) if at >= 0 else None


def beside(recording: Recording, number: int, step: int) -> PassWindow | None:
    """Return the next window after that of a pass, or with -1 the previous; None without one."""
    if step < 0:
        return at_or_before(recording, number - 1)
    deep = deep_passes(recording)
    at = bisect.bisect_right(deep, number, key=lambda one: one.number)
    return _window(deep[at]) if at < len(deep) else None


def backward_in(recording: Recording, window: PassWindow) -> int | None:
    """Return how many lines lie behind once the window's backward pass has run."""
    moments = recording.moments
    least = max(window.first, window.end - SEARCH_LIMIT)
    found = (i for i in range(window.end, least, -1) if moments[i - 1].backward is not None)
    return next(found, None)


def reach(recording: Recording, lines: int, limit: int = LOOK_BACK) -> int:
    """Return the index from which all lines up to here have followed one another.

    Where passes between have no lines, what came before says nothing of what is now.
    """
    if not lines:
        return 0
    least = max(lines - limit, 0)
    deep = deep_passes(recording)
    window = window_at(recording, lines - 1)
    first, number = window.first, window.number
    at = bisect.bisect_left(deep, number, key=lambda one: one.number) - 1
    while first > least and at >= 0 and deep[at].number >= number - 1:
        first, number, at = min(first, deep[at].first), deep[at].number, at - 1
    return max(first, least)


def skipped(recording: Recording, lines: int) -> tuple[int, int] | None:
    """Return the first and last of the passes without lines that lie just ahead, if any do."""
    window = window_here(recording, lines)
    if window is None or lines != window.end:
        return None
    following = beside(recording, window.number, 1)
    ahead = following.number if following else total(recording)
    first, last = window.number + 1, ahead - 1
    return (first, last) if first <= last else None


def thinned(recording: Recording) -> bool:
    """Return whether some passes have no lines."""
    return total(recording) > len(deep_passes(recording))


def variables_at(recording: Recording, lines: int) -> Mapping[str, Plain]:
    """Return the loop variables around the line executed last, else around its pass."""
    if not lines or not recording.moments:
        return {}
    moment = recording.moments[lines - 1]
    return dict(moment.variables) or recording.passes.variables(moment.number)


def _window(deep: DeepPass) -> PassWindow:
    return PassWindow(deep.number, deep.first, deep.end)


@lru_cache(maxsize=4)
def _in_memory(recording: Recording) -> tuple[DeepPass, ...]:
    passes, first = [], 0
    for number, group in groupby(recording.moments, key=lambda moment: moment.number):
        ran = [moment.backward is not None for moment in group]
        if any(ran):
            passes.append(DeepPass(number, first, first + len(ran)))
        first += len(ran)
    return tuple(passes)
