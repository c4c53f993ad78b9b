"""The Graph tab: a script line by line, its autograd graph, and the backward pass through it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import var
from textual.timer import Timer

from engine.autograd.graph import Graph
from engine.lessons import LESSONS
from tui.graph.display import Display
from tui.graph.graph_keys import pane_keys
from tui.graph.lesson_list import OPEN_FILE, YOUR_RUN, LessonList
from tui.graph.loader import Loader, Recorders, threads_of
from tui.graph.main_column import MainColumn
from tui.graph.messages import (
    LessonChosen,
    ScriptBegun,
    ScriptRefused,
)
from tui.graph.player import Player
from tui.graph.playing import PLAY_SECONDS, STEPS, played_on
from tui.graph.recording_pane import RecordingPane
from tui.graph.search_bar import SearchLeft
from tui.graph.side_panel import SidePanel
from tui.graph.source_prompt import source_prompt
from tui.kit.file_path import file_path
from tui.kit.paragraphs import Paragraph
from tui.kit.text import safe
from tui.run.iteration import Inside
from tui.run.messages import Command, CommandGiven
from tui.script.advice import refusal
from tui.script.breakpoints import Breakpoints
from tui.script.subject import Script, Subject

RECORDING = "recording …  escape stops it"


class GraphPane(RecordingPane):
    """Steps through a recording by a Player, records by a Loader, and shows where it is.

    The graph, with its selection, search and folds, is GraphWidget's.
    """

    BINDINGS: ClassVar[list[BindingType]] = pane_keys()

    lesson: var[str] = var(LESSONS[1].key)
    """The key of what is open: a lesson's, a subject's, or YOUR_RUN."""
    inside: var[Inside | None] = var(None)
    """The shared run's iteration; shown where the lesson is YOUR_RUN."""
    ready: var[bool] = var(False)
    """Whether torch has been imported."""
    refused: var[tuple[Paragraph, ...]] = var(())
    """Why the last file could not be opened."""

    def __init__(
        self,
        subject: Subject | None = None,
        *,
        recorders: Recorders | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self.loader = Loader(self.post_message, threads_of(self), recorders)
        self._timer: Timer | None = None
        self._drawn: Player | None = None
        """What is on the screen, where that is not the player as it is now."""
        if subject is not None:
            self.loader.add(subject)
            self.set_reactive(GraphPane.lesson, subject.key)

    def compose(self) -> ComposeResult:
        """Source over graph; beside them the node, the tensors in scope and the lessons."""
        yield LessonList(id="lessons")
        yield MainColumn(id="graph-main")
        yield SidePanel(id="graph-side").data_bind(GraphPane.ready)

    def on_mount(self) -> None:
        """Prepare the clock for playing, and follow the selection."""
        self._display = Display(self.main, self.query_one(SidePanel))
        self._timer = self.set_interval(PLAY_SECONDS, self._play_on, pause=True)
        self.watch(self.graph_widget, "selected", self._show_node, init=False)

    @property
    def graph(self) -> Graph | None:
        """The autograd graph on the screen; None before there is one."""
        return self.player.graph

    def begin(self) -> None:
        """Record what is open if it is a file: that needs no torch but its own."""
        if not self.loader.needs_torch(self.lesson):
            self.open(self.lesson)

    def open(self, key: str) -> None:
        """Record the lesson or subject of a key, or show the shared run.

        Nothing plays then, and the breakpoints are those it had when it was left.
        """
        self.playing = False
        if key != self.lesson:
            self._kept[self.lesson] = self.player.breakpoints
            kept = self._kept.get(key, Breakpoints())
            self.player = replace(self.player, breakpoints=kept)
        self.leave()
        self.lesson, self.refused = key, ()
        lessons = self.query_one(LessonList)
        if self.subject is not None:
            lessons.add(key, self.subject.title)
        lessons.mark(key)
        if key == YOUR_RUN:
            self._take_run()
        elif self.ready or not self.loader.needs_torch(key):
            self.loader.record(key)

    def open_subject(self, subject: Subject) -> None:
        """Record a file or a live tensor of the user's own, and add it to the lessons."""
        self.loader.add(subject)
        self.open(subject.key)

    def interrupt(self) -> bool:
        """Stop playing and recording; return whether either went on."""
        played, self.playing = self.playing, False
        went_on = played or bool(self.awaited) or bool(self.replaying)
        self.loader.cancel()
        self.workers.cancel_group(self, "search")
        self.replaying = ""
        return went_on

    def watch_ready(self, ready: bool) -> None:
        """Record what is open as soon as torch is there, or show rules, if that has waited."""
        if ready and self.loader.needs_torch(self.lesson):
            self.open(self.lesson)
        elif ready:
            self.call_after_refresh(self._show_node)

    def watch_inside(self) -> None:
        """Show where the shared run is, if that is what is open."""
        if self.lesson == YOUR_RUN:
            self._take_run()

    def watch_playing(self, playing: bool) -> None:
        """Start the clock that steps, or pause it."""
        if self._timer is not None:
            (self._timer.resume if playing else self._timer.pause)()

    def watch_player(self, before: Player, player: Player) -> None:
        """Show the position, recording or breakpoints that differ from before, where it is seen."""
        self._drawn = self._drawn or before
        self.come_to_front()
        self.tell_run()

    def on_resize(self) -> None:
        """Show what could not be shown before there was room."""
        self.come_to_front()

    def come_to_front(self) -> None:
        """Show what differs from what is on the screen; a hidden pane has no size, and waits."""
        if self._drawn is not None and self.size.area:
            before, self._drawn = self._drawn, None
            self._display.show(before, self.player, self.subject)
            self._show_headings()

    def watch_awaited(self, source: str) -> None:
        """Show the text of the file that is being recorded."""
        self.main.awaits = bool(source)
        if source:
            self.player = replace(self.player, recording=None)
            self.main.show_source(source)
            self._show_headings()

    def watch_replaying(self) -> None:
        """Show how far it has come."""
        self._show_headings()

    def watch_refused(self) -> None:
        """Show why a file could not be opened."""
        if self.refused:
            self.player = replace(self.player, recording=None)
            self._show_headings()
        self.main.show_paragraphs(self.refused)

    def on_descendant_blur(self) -> None:
        """Fold the list of lessons away when it is left."""
        self.remove_class("-choosing")

    async def action_graph(self, action: str) -> None:
        """Run an action of GraphWidget, as `fold` or `move('left')`."""
        await self.app.run_action(action, self.graph_widget)

    def action_step(self, command: Command) -> None:
        """Step through the recording, or give the shared run the command that does the same."""
        self.playing = False
        if self.lesson == YOUR_RUN:
            self.post_message(CommandGiven(command))
        elif command == "run":
            self.run_on()
        else:
            self.player = STEPS[command](self.player)

    def action_play(self) -> None:
        """Step by itself, or stop doing so."""
        if self.lesson == YOUR_RUN:
            self.post_message(CommandGiven("play"))
        elif self.recording is not None:
            self.playing = not self.playing

    def action_stop_line(self) -> None:
        """Set a breakpoint on the current line, or clear it."""
        if self.lesson == YOUR_RUN:
            self.app.notify("conditions that stop training: b on the Train tab")
        else:
            self.player = self.player.with_line_breakpoint()

    def action_stop_node(self) -> None:
        """Set a breakpoint on nodes like the selected one, or clear it."""
        node = self.graph_widget.node
        if node is not None:
            self.player = self.player.with_node_breakpoint(node)

    def action_leave(self) -> None:
        """Leave what was begun last: the tensors alone, a recording, playing, a search."""
        if self.has_class("-tensors"):
            self.remove_class("-tensors")
        elif not self.interrupt():
            self.focus()
            self.graph_widget.leave_search(keep=False)

    def action_tensors(self) -> None:
        """Show the tensors alone on the screen, or everything again."""
        self.toggle_class("-tensors")

    def action_lessons(self) -> None:
        """Give the keys to the list of lessons, or take them back."""
        if self.has_class("-choosing"):
            self.focus()
        else:
            self.add_class("-choosing")
            self.query_one(LessonList).focus()

    def action_open_file(self) -> None:
        """Ask for the path of a Python file, and record it."""
        self.app.push_screen(source_prompt(), self._open_path)

    @on(LessonChosen)
    def _choose_lesson(self, message: LessonChosen) -> None:
        message.stop()
        self.focus()
        if message.key == OPEN_FILE:
            self.query_one(LessonList).mark(self.lesson)
            self.action_open_file()
        else:
            self.open(message.key)

    @on(ScriptBegun)
    def _await_recording(self, message: ScriptBegun) -> None:
        message.stop()
        if message.key == self.lesson:
            self.awaited = message.source

    @on(ScriptRefused)
    def _refuse(self, message: ScriptRefused) -> None:
        message.stop()
        if message.key == self.lesson:
            self.awaited = ""
            self.refused = refusal(message.reason)

    @on(SearchLeft)
    def _take_focus(self, message: SearchLeft) -> None:
        message.stop()
        self.focus()

    def _open_path(self, path: str | None) -> None:
        if path:
            self.open_subject(Script(file_path(path)))

    def _take_run(self) -> None:
        if self.inside is not None:
            recording, position = self.inside.traced.recording, self.inside.position
            self.player = replace(self.player, recording=recording, position=position)

    def _play_on(self) -> None:
        if self.recording is None or not self.playing:
            return
        player, goes_on = played_on(self.player)
        self.player = player
        if not goes_on:
            self.playing = False

    def _show_headings(self) -> None:
        title = safe(self.loader.title(self.lesson))
        self.main.show_headings(
            title, self.player, self.replaying or (RECORDING if self.awaited else "")
        )

    def _show_node(self) -> None:
        self._display.show_node(self.player, self.subject)
