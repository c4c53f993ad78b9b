"""What the keys of the shared run and the clock do in a recording: steps of a Player."""

from __future__ import annotations

from collections.abc import Callable

from tui.run.messages import Command
from tui.script.player import Player

PLAY_SECONDS = 0.7
"""Between two steps while playing."""

STEPS: dict[Command, Callable[[Player], Player]] = {
    "next": Player.next_line,
    "previous": Player.previous_line,
    "node": Player.next_node,
    "node back": Player.previous_node,
    "finish": Player.finish,
    "run": Player.to_breakpoint,
    "reset": Player.restart,
}
"""The step of a Player for each command that does the same in the shared run."""


def played_on(player: Player) -> tuple[Player, bool]:
    """Return the player one node or line on, and whether no breakpoint or end is reached."""
    there = player.next_node()
    return there, not there.at_end and not there.stopped_since(player)
