"""What there is at a position of a recording, to be compared with another one."""

from __future__ import annotations

from engine.recording.differences import Differences, Side
from tui.script.player import Player

SAME = Differences()
"""Where nothing differs, or there is nothing to compare with."""


def side(player: Player) -> Side:
    """Return all that is compared of a position."""
    recording, run = player.recording, player.backward_pass
    source = recording.source if recording else ""
    return Side(source, player.scope.tensors, player.graph, run.gradients[: run.arrived])
