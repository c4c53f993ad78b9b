"""Where in the backward pass of its iteration one is, from its first node to the last update."""

from __future__ import annotations

from tui.run.iteration import Inside
from tui.script import position
from tui.script.player import Player
from tui.script.position import Position


def pass_player(inside: Inside | None, before: Inside | None = None) -> Player | None:
    """Return a player of the iteration, at its backward pass; None where none is looked at.

    A pass is looked at from its first node until the iteration is done; then too, where a single
    step has led there from `before`: so one sees the last of the updates.
    """
    if inside is None or inside.backward_lines is None:
        return None
    if inside.done and not _stepped(before, inside):
        return None
    recording, here = inside.traced.recording, inside.position
    return Player(recording, here if here.nodes is not None else Position(inside.backward_lines))


def _stepped(before: Inside | None, inside: Inside) -> bool:
    """Whether one step by lines leads from one position to the other."""
    if before is None or before.traced is not inside.traced:
        return False
    return before.position == position.previous_line(inside.traced.recording, inside.position)
