"""The position in another run of nearly the same script that is the same place as here.

Lines correspond by the texts, and what runs several times by how often it has run in its pass.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from functools import lru_cache

from engine.recording.differences import line_pairs, node_pairs
from engine.recording.records import Recording
from tui.script.player import Player
from tui.script.position import Position, backward_at
from tui.script.windows import SEARCH_LIMIT, PassWindow, nearest, window_at, window_of

Line = tuple[int, int | None]
"""A line of a file: the index of the file, and the number of the line in it, from 1."""


def same_place(player: Player, other: Recording) -> Position:
    """Return the position in another recording that corresponds to a player's.

    Where the line there has not run, that of the last line before it that has.
    """
    recording, here = player.recording, player.position
    if recording is None or not here.lines or not other.moments:
        return Position()
    pairs = line_pairs(recording.source, other.source)
    window = window_at(recording, here.lines - 1)
    there = _window(window, recording, other)
    ran = _runs(other, there)
    last = min(here.lines, window.first + SEARCH_LIMIT)
    for lines in range(last, window.first, -1):
        moment = recording.moments[lines - 1]
        line = moment.line if moment.file else pairs.get(moment.line)
        times = ran.get((moment.file, line), ())
        if times:
            count = bisect_right(_runs(recording, window)[moment.file, moment.line], lines)
            found = times[min(count, len(times)) - 1]
            nodes = here.nodes if lines == here.lines else None
            return Position(found, _nodes(recording, lines, nodes, other, found))
    return Position(there.first)


def _window(window: PassWindow, recording: Recording, other: Recording) -> PassWindow:
    """The lines of the other recording in which to look: those of the same pass."""
    if window_of(recording, window.number) is None:  # outside of any pass
        moments = other.moments
        first = bisect_left(moments, window.number, key=lambda moment: moment.number)
        if first < len(moments) and moments[first].number == window.number:
            return window_at(other, first)
    found = nearest(other, window.number)
    return found or PassWindow(0, 0, len(other.moments))


@lru_cache(maxsize=4)
def _runs(recording: Recording, window: PassWindow) -> Mapping[Line, list[int]]:
    """How many lines lie behind each time that a line of a window, by file and number, has run."""
    found: dict[Line, list[int]] = {}
    for index in range(window.first, min(window.end, window.first + SEARCH_LIMIT)):
        moment = recording.moments[index]
        found.setdefault((moment.file, moment.line), []).append(index + 1)
    return found


def _nodes(
    recording: Recording, lines: int, nodes: int | None, other: Recording, there: int
) -> int | None:
    """How many nodes of the other pass have run, where so many of the one here have."""
    one, pass_there = backward_at(recording, Position(lines)), backward_at(other, Position(there))
    if nodes is None or one is None or pass_there is None or not pass_there.gradients:
        return None
    pairs = node_pairs(one.graph, pass_there.graph)
    if not pairs:
        return nodes if nodes < len(pass_there.gradients) else None
    order = {gradient.node: place for place, gradient in enumerate(pass_there.gradients, 1)}
    for gradient in reversed(one.gradients[:nodes]):
        place = order.get(pairs.get(gradient.node, -1))
        if place is not None:
            return place if place < len(pass_there.gradients) else None
    return 1 if len(pass_there.gradients) > 1 else None
