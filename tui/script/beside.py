"""Finding, in a recording of the same script with something changed, where one is in this one."""

from __future__ import annotations

from engine.recording.records import Recording
from tui.script.position import Position
from tui.script.windows import PassWindow, window_at, window_of


def counterpart(recording: Recording, position: Position, other: Recording) -> Position | None:
    """Return the same position of another recording: as far into the pass, after the same line.

    None where it has no such line there: it has taken another way, or has not come so far.
    """
    if not position.lines:
        return position
    index = position.lines - 1
    here = window_at(recording, index)
    there = _window(other, here.number)
    at = None if there is None else there.first + index - here.first
    if there is None or at is None or at >= there.end:
        return None
    mine, theirs = recording.moments[index], other.moments[at]
    ran = mine.backward is not None, theirs.backward is not None
    if (mine.file, mine.line, mine.depth) != (theirs.file, theirs.line, theirs.depth):
        return None
    if ran[0] != ran[1]:
        return None
    return Position(at + 1, position.nodes)


def _window(recording: Recording, number: int) -> PassWindow | None:
    """The window of a pass, or the lines after the last one."""
    found = window_of(recording, number)
    if found is not None or not recording.moments:
        return found
    last = window_at(recording, len(recording.moments) - 1)
    return last if last.number == number else None
