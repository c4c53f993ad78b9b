"""What the other tabs are told of the recording in the Graph tab."""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from engine.autograd.graph import LEAF_OP, Graph
from engine.recording.pass_table import PassTable
from engine.recording.records import Recording
from tui.graph.subjects.opened import Opened
from tui.script.endings import ENDED
from tui.script.passes.script_run import ScriptRun, ScriptRunChanged
from tui.script.player import Player
from tui.script.subject import SavedRun, Script, Subject

Shapes = Mapping[str, tuple[int, ...]]


class SharedRun:
    """Says what the other tabs are to know, where that differs from what they have been told."""

    def __init__(self) -> None:
        self._told: ScriptRun | None = None
        self._key = ""
        self._graph: Graph | None = None
        self._shapes: Shapes = {}
        """Of leaves: of what is open by that key, as of that graph, which was looked at last."""

    def changed(self, opened: Opened, title: str, subject: Subject | None) -> Message | None:
        """Return what to post of what is open, a subject of the user's own; None: no news."""
        run = None
        if isinstance(subject, Script | SavedRun):
            run = script_run(title, opened.player, self._leaf_shapes(opened))
            if run is None and opened.awaited:
                run = ScriptRun(title, PassTable(), None, running=True)
        if run == self._told:
            return None
        self._told = run
        return ScriptRunChanged(run)

    def _leaf_shapes(self, opened: Opened) -> Shapes:
        if opened.key != self._key:
            self._key, self._graph, self._shapes = opened.key, None, {}
        graph = opened.player.graph
        if graph is not self._graph:
            self._graph = graph
            found = leaf_shapes(graph)
            if found.items() - self._shapes.items():
                self._shapes = {**self._shapes, **found}
        return self._shapes


def script_run(name: str, player: Player, shapes: Shapes | None = None) -> ScriptRun | None:
    """Return what the other tabs are to know of a player's recording; None without one."""
    recording, window = player.recording, player.window
    if recording is None:
        return None
    number = None if window is None else window.number
    running = recording.ending == "running"
    ended = _ended(recording)
    return ScriptRun(name, recording.passes, number, running, ended, shapes or {}, lens=player.lens)


def leaf_shapes(graph: Graph | None) -> Shapes:
    """Return the shapes of a graph's leaves that have a name and a shape."""
    nodes = graph.nodes if graph else ()
    return {n.name: n.shape for n in nodes if n.op == LEAF_OP and n.name and n.shape is not None}


def _ended(recording: Recording) -> str:
    if recording.error is not None:
        return str(recording.error)
    return ENDED.get(recording.ending, "")
