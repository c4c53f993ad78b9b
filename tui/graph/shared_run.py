"""What the other tabs are told of the recording in the Graph tab."""

from __future__ import annotations

from collections.abc import Mapping

from engine.autograd.graph import LEAF_OP, Graph
from engine.recording.records import Ending, Recording
from tui.graph.player import Player
from tui.script.script_run import ScriptRun

Shapes = Mapping[str, tuple[int, ...]]
ENDINGS: dict[Ending, str] = {
    "bound": "stopped: it ran more lines than are recorded",
    "cancelled": "stopped",
    "time": "stopped: it took too long",
    "killed": "ended without a word",
    "exit": "exited",
}
"""In a few words; the Graph tab says more."""


def script_run(name: str, player: Player, shapes: Shapes | None = None) -> ScriptRun | None:
    """Return what the other tabs are to know of a player's recording; None without one."""
    recording, window = player.recording, player.window
    if recording is None:
        return None
    number = None if window is None else window.number
    running = recording.ending == "running"
    return ScriptRun(name, recording.passes, number, running, _ended(recording), shapes or {})


def leaf_shapes(graph: Graph | None) -> Shapes:
    """Return the shapes of a graph's leaves that have a name and a shape."""
    nodes = graph.nodes if graph else ()
    return {n.name: n.shape for n in nodes if n.op == LEAF_OP and n.name and n.shape is not None}


def _ended(recording: Recording) -> str:
    if recording.error is not None:
        return str(recording.error)
    return ENDINGS.get(recording.ending, "")
