"""What the Graph tab is given by the threads that record: recordings that grow, and replays."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.reactive import var

from engine.autograd.graph import Graph
from engine.recording.pass_table import PassTable
from engine.recording.records import Recording
from tui.graph.lesson_list import LessonList
from tui.graph.loader import Loader
from tui.graph.main_column import MainColumn
from tui.graph.messages import (
    PassReplayed,
    ReplayAdvanced,
    ReplayFailed,
    ScriptGrown,
    ScriptRecorded,
)
from tui.graph.pass_pane import PassPane
from tui.graph.player import Player
from tui.graph.shared_run import Shapes, leaf_shapes, script_run
from tui.script.advice import lines_remark, replay_remark
from tui.script.breakpoints import Breakpoints
from tui.script.position import Position, in_pass
from tui.script.replay import again
from tui.script.script_run import ScriptRun, ScriptRunChanged
from tui.script.subject import SavedRun, Script, Subject

MOVED = Position(-1)
"""Nowhere that one goes by itself."""


class RecordingPane(PassPane):
    """A pane that shows recordings while they grow, where the user is or has not moved yet."""

    lesson: var[str] = var("")
    """The key of what is open: a lesson's, a subject's, or that of the shared run."""
    awaited: var[str] = var("")
    """The source text that is being recorded; empty where none is."""
    replaying: var[str] = var("")
    """How far the script that runs again has come; empty where none does."""

    loader: Loader

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._kept: dict[str, Breakpoints] = {}
        """Breakpoints of what was open before, by its key."""
        self._placed: Position | None = None
        """Where it went by itself; from there the user has not moved while he is there."""
        self._run: ScriptRun | None = None
        """The script's run as the other tabs know it."""
        self._shapes: tuple[str, Graph | None, Shapes] = "", None, {}
        """Of leaves: of what is open by its key, and of the graph looked at last."""

    @property
    def main(self) -> MainColumn:
        """The widget with the source over the graph."""
        return self.query_one(MainColumn)

    @property
    def recording(self) -> Recording | None:
        """The recording on the screen; None before the first, and while a file is recorded."""
        return self.player.recording

    @property
    def subject(self) -> Subject | None:
        """What is open, where it is the user's own."""
        return self.loader.subject(self.lesson)

    def leave(self) -> None:
        """Let go of what is open, before another subject is."""
        self.loader.cancel()
        if isinstance(self.subject, SavedRun):
            self.player = replace(self.player, recording=None)
            self.loader.release()
        self.awaited, self.replaying, self.main.remark = "", "", None
        self._placed = None

    def show_pass(self, number: int) -> None:
        """Go to a pass, or to the last one before it that has lines, and say so."""
        super().show_pass(number)
        window = self.player.window
        other = window is not None and window.number < number
        remark = lines_remark(number, window.number) if window and other else None
        self.main.show_remark(remark, self.player)

    def tell_run(self) -> None:
        """Let the other tabs know of the script's run, where it differs."""
        run, title = None, self.loader.title(self.lesson)
        if isinstance(self.subject, Script | SavedRun):
            run = script_run(title, self.player, self._leaf_shapes())
            if run is None and self.awaited:
                run = ScriptRun(title, PassTable(), None, running=True)
        if run != self._run:
            self._run = run
            self.post_message(ScriptRunChanged(run))

    def _leaf_shapes(self) -> Shapes:
        key, graph, shapes = self._shapes
        if key != self.lesson:
            graph, shapes = None, {}
        if self.player.graph is not graph:
            graph = self.player.graph
            found = leaf_shapes(graph)
            shapes = {**shapes, **found} if found.items() - shapes.items() else shapes
        self._shapes = self.lesson, graph, shapes
        return shapes

    @on(ScriptGrown)
    def _take_growth(self, message: ScriptGrown) -> None:
        message.stop()
        begun = message.recording.moments or not self.awaited
        if message.key == self.lesson and begun:
            self._take(message.recording)

    @on(ScriptRecorded)
    def _take_recording(self, message: ScriptRecorded) -> None:
        message.stop()
        if message.key == self.lesson:
            self.awaited = ""
            self._take(message.recording)

    def _take(self, recording: Recording) -> None:
        """Show a recording where there is most to see, or where the user has gone meanwhile."""
        position = self.player.position
        if self._placed in (None, position):
            position = self._placed = self.loader.first_position(self.lesson, recording)
        self.player = replace(self.player, recording=recording, position=position)

    def again(self, number: int) -> Script:
        """Return what would record a pass; raises ValueError where nothing can."""
        return again(self.subject, self.loader.head(), number)

    def replay(self, script: Script, number: int) -> None:
        """Run a script again, and show a pass of it as soon as it has come there."""
        if self.recording is not None:
            self.awaited, self.replaying = "", f"runs again for pass {number:,} …"
            if script.key != self.lesson:
                self.loader.add(script)
            self.loader.replay(script, number, self.recording.passes)

    @on(ReplayAdvanced)
    def _show_replay(self, message: ReplayAdvanced) -> None:
        message.stop()
        if self.replaying:
            self.replaying = f"runs again, pass {message.passes:,} …  escape stops it"

    @on(PassReplayed)
    def _take_replay(self, message: PassReplayed) -> None:
        message.stop()
        if self.replaying:
            self.replaying = ""
            self.main.remark = replay_remark(message.number, message.verdict, same=message.same)
            self._keep_replay(message)

    @on(ReplayFailed)
    def _stay(self, message: ReplayFailed) -> None:
        message.stop()
        if self.replaying:
            self.replaying = ""
            self.app.notify(message.reason, severity="warning", timeout=8)

    def _keep_replay(self, message: PassReplayed) -> None:
        """Show the run anew; that of a file stays in the list, as another one."""
        script = self.loader.subject(message.key)
        breakpoints = self.player.breakpoints
        if message.key != self.lesson and script is not None:
            self.query_one(LessonList).add(message.key, script.title)
            self._kept[self.lesson] = breakpoints
            self.player = replace(self.player, recording=None)
            self.loader.release()
            self.lesson = message.key
        recording = message.recording
        self._placed = MOVED
        self.player = Player(recording, in_pass(recording, message.number), breakpoints)
