"""The Graph tab: a script line by line, its autograd graph, and the backward pass through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import var
from textual.timer import Timer

from engine.autograd.graph import Graph
from tui.graph.advice_dialog import show_advice
from tui.graph.alone import LECTURE, TENSORS, Alone
from tui.graph.costs_dialog import ask_costs
from tui.graph.display import Display
from tui.graph.graph_keys import pane_keys
from tui.graph.graph_widget import GraphWidget
from tui.graph.hints import hint
from tui.graph.lesson_list import OPEN_FILE, YOUR_RUN, LessonList
from tui.graph.loader import Loader, Recorders, threads_of
from tui.graph.main_column import MainColumn
from tui.graph.messages import EditorLeft, LessonChosen, RecordingMessage, RunAsked
from tui.graph.opened import Opened
from tui.graph.opener import Opener
from tui.graph.pass_moves import PassMoves
from tui.graph.player_steps import PLAY_SECONDS
from tui.graph.predict.mode import PredictMode
from tui.graph.predict.panel import PredictionMade
from tui.graph.search_bar import SearchLeft
from tui.graph.shared_run import SharedRun
from tui.graph.side_panel import SidePanel
from tui.graph.source_prompt import source_prompt
from tui.graph.stepping import Stepping
from tui.graph.what_if.messages import SupposedMessage
from tui.graph.what_if.what_if import WhatIf
from tui.kit.file_path import file_path
from tui.kit.key_ids import keys_of
from tui.kit.tab_pane import Pane
from tui.kit.text import safe
from tui.run.messages import Command
from tui.script.compared import SAME
from tui.script.player import Player
from tui.script.subject import Script, Start

if TYPE_CHECKING:
    from tui.graph.edit.editing import Editing

HINT_LEAST = 75
"""From this width on the heading says which key leads to the original and back."""
RECORDING = "recording …  escape stops it"


class GraphPane(Pane):
    """Gives keys and messages to the objects that know what to do, and shows what is open.

    `Opener` opens and records, `PassMoves` goes from pass to pass, `GraphWidget` owns the graph
    with its selection, search and folds.
    """

    BINDINGS: ClassVar[list[BindingType]] = pane_keys()

    state: var[Opened] = var(Opened())
    ready: var[bool] = var(False)
    """Whether torch has been imported."""

    def __init__(
        self,
        subject: Start | None = None,
        *,
        recorders: Recorders | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        loader = Loader(self.post_message, threads_of(self), recorders)
        self.opener = Opener(loader, self._take_state, self._warn, subject)
        self.set_reactive(GraphPane.state, self.opener.state)
        self.moves = PassMoves(self.opener, self)
        self.predict = PredictMode(self.opener, self)
        self.stepping = Stepping(self.opener, self.moves, self.predict, self)
        self.what_if = WhatIf(self.opener, self)
        self.alone = Alone(self)
        self._shared = SharedRun()
        self._editing: Editing | None = None
        self._timer: Timer | None = None
        self._drawn: Player | None = None
        """What is on the screen, where that is not the player as it is now."""

    def compose(self) -> ComposeResult:
        """Source over graph; beside them the node, the tensors in scope and the lessons."""
        yield LessonList(id="lessons")
        yield MainColumn(id="graph-main")
        yield SidePanel(id="graph-side").data_bind(GraphPane.ready)

    def on_mount(self) -> None:
        """Prepare the clock for playing, and follow the selection."""
        self._display = Display(self.main, self.query_one(SidePanel))
        self._timer = self.set_interval(PLAY_SECONDS, self.stepping.play_on, pause=True)
        self.watch(self.graph_widget, "selected", self._show_node, init=False)
        self._mark_opened()

    @property
    def main(self) -> MainColumn:
        """The widget with the source over the graph."""
        return self.query_one(MainColumn)

    @property
    def editing(self) -> Editing:
        """What changes the text of what is open."""
        if self._editing is None:
            from tui.graph.edit.editing import Editing  # the editor: no first frame needs it

            self._editing = Editing(self.opener, self, self.main)
        return self._editing

    @property
    def graph_widget(self) -> GraphWidget:
        """The widget that owns selection, search and folds."""
        return self.query_one(GraphWidget)

    @property
    def player(self) -> Player:
        """The recording on the screen, and the position in it."""
        return self.state.player

    @property
    def graph(self) -> Graph | None:
        """The autograd graph on the screen; None before there is one."""
        return self.player.graph

    def interrupt(self) -> bool:
        """Stop playing, searching and recording; return whether it played or recorded."""
        self.moves.cancel()
        return self.opener.interrupt()

    def watch_ready(self, ready: bool) -> None:
        """Record what has waited for torch, and show rules."""
        if ready:
            self.opener.torch_loaded()
            self.predict.begin()
            self.call_after_refresh(self._show_node)

    def watch_state(self, before: Opened, state: Opened) -> None:
        """Show what differs from before."""
        self.main.awaits = bool(state.awaited)
        if state.key != before.key:
            self._mark_opened()
        was = state.original.recording if state.original else None
        self.set_class(was is not None and not was.passes.count, "-lesson-changed")
        if self._timer is not None:
            (self._timer.resume if state.playing else self._timer.pause)()
        if state.remark is not before.remark:
            self.main.show_remark(state.remark, state.player)
        if (state.key, state.player.position) != (before.key, before.player.position):
            self.predict.withdraw()
        if (state.player.lens is None) != (before.player.lens is None):
            self.refresh_bindings()
        if state.player is not before.player:
            self._drawn = self._drawn or before.player
            self.come_to_front()
            self._tell_run()
        if state.awaited and state.awaited != before.awaited:
            self.main.show_source(state.awaited)
        if state.refused != before.refused:
            self.main.show_paragraphs(state.refused)
        if (state.awaited, state.replaying) != (before.awaited, before.replaying):
            self._show_headings()
        if self._editing is not None:
            self.call_later(self._editing.follow)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action is possible: another rank only in a run of several."""
        return super().check_action(action, parameters) and (
            action != "rank" or self.player.lens is not None
        )

    def on_unmount(self) -> None:
        """Keep what stands in the editor."""
        if self._editing is not None:
            self._editing.close()

    def on_resize(self) -> None:
        """Show what could not be shown before there was room."""
        self.come_to_front()

    def come_to_front(self) -> None:
        """Show what differs from what is on the screen; a hidden pane has no size, and waits."""
        if self._drawn is not None and self.size.area:
            before, self._drawn = self._drawn, None
            subject, original = self.opener.subject, self.state.original
            self._display.show(before, self.player, subject, original)
            self._show_headings()

    def on_descendant_blur(self) -> None:
        """Fold the list of lessons away when it is left, marked where it was before."""
        if self.has_class("-choosing"):
            self.remove_class("-choosing")
            self._mark_opened()

    async def action_graph(self, action: str) -> None:
        """Run an action of GraphWidget, as `fold` or `move('left')`."""
        await self.app.run_action(action, self.graph_widget)

    def action_step(self, command: Command) -> None:
        """Step through the recording, or give the shared run the command that does the same."""
        self.stepping.step(command)

    def action_predict(self) -> None:
        """Ask before each step what it will show, or no longer."""
        self.predict.switch()
        self._show_headings()

    def action_play(self) -> None:
        """Step by itself, or stop doing so."""
        self.stepping.play()

    def action_pass_with_lines(self, step: int) -> None:
        """Go to the next pass that has lines, or with -1 to the previous."""
        self.moves.step(step)

    def action_go_to(self) -> None:
        """Ask for a pass or a node, and go there."""
        self.moves.go_to()

    def action_not_finite(self) -> None:
        """Go to the first loss, value or gradient that is nan or infinite."""
        self.moves.not_finite()

    def action_rank(self) -> None:
        """Show the next rank of the run, after the last one all of them beside one another."""
        lens = self.player.lens
        if lens is not None:
            self.opener.see(lens.turned())

    def action_advice(self) -> None:
        """Show all that is wrong with the run, and the whole of what was raised."""
        show_advice(self.app, self.state.recording)

    @work
    async def action_costs(self) -> None:
        """Show what the pass keeps in memory and how long it takes; go to what is chosen."""
        graph = self.graph
        node = await ask_costs(self.app, graph, self.player.backward_pass)
        if node is not None and self.graph is graph:
            self.graph_widget.selected = node

    @work
    async def action_what_if(self) -> None:
        """Ask for another gradient into the selected node, and show what follows from it."""
        await self.what_if.ask()

    def action_nudge(self, sign: int) -> None:
        """Add ε to an element of the selected leaf, or with -1 take it away."""
        self.what_if.nudge(sign)

    @work
    async def action_aim(self) -> None:
        """Ask which element of the leaf is nudged, and by how much."""
        await self.what_if.take_aim()

    def action_undo(self) -> None:
        """Go back to the original of what is supposed, and to where it stood."""
        self.what_if.undo()

    def action_line_breakpoint(self) -> None:
        """Set a breakpoint on the current line, or clear it."""
        if self.state.key == YOUR_RUN:
            self.app.notify("conditions that stop training: b on the Train tab")
        else:
            self.opener.go(self.player.with_line_breakpoint())

    def action_node_breakpoint(self) -> None:
        """Set a breakpoint on nodes like the selected one, or clear it."""
        node = self.graph_widget.node
        if node is not None:
            self.opener.go(self.player.with_node_breakpoint(node))

    def action_leave(self) -> None:
        """Leave what was begun last: the editor, what is alone on the screen, or a search."""
        if self._editing is not None and self._editing.leave_editor():
            return
        if not self.alone.leave() and not self.interrupt():
            self.focus()
            self.graph_widget.leave_search(keep=False)

    def action_edit(self, whole: bool) -> None:
        """Change the text of what is open, at the current line or the whole of it."""
        self.editing.begin(whole=whole)

    def action_original(self) -> None:
        """Show the original in place of what was made of it, or the other way round."""
        if self.state.supposed:
            self.what_if.undo()
        else:
            self.editing.toggle()

    @work
    async def action_side_by_side(self) -> None:
        """Show the mistake that is open beside what is right."""
        from tui.graph.side_by_side.opening import open_side_by_side  # no first frame needs it

        if self.ready:
            await open_side_by_side(self.app, self.editing.base)
        else:
            self.app.notify("torch is still loading")

    def action_tensors(self) -> None:
        """Show the tensors alone on the screen, or everything again."""
        self.alone.toggle(TENSORS)

    def action_lecture(self) -> None:
        """Show only the graph, and one sentence about the node, or everything again."""
        self.alone.toggle(LECTURE)
        self.call_after_refresh(self._show_node)

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
            self._mark_opened()
            self.action_open_file()
        elif self._editing is not None and self._editing.is_version(message.key):
            self._editing.open_version(self._editing.base_of(message.key))
        else:
            self.stepping.forget()
            self.predict.forget_answers(message.key)
            self.opener.open(message.key)

    @on(PredictionMade)
    def _take_prediction(self, message: PredictionMade) -> None:
        message.stop()
        self.predict.take(message.choice)
        self._show_headings()

    @on(RunAsked)
    async def _run_edited(self, message: RunAsked) -> None:
        message.stop()
        await self.editing.run(message.text)

    @on(EditorLeft)
    def _leave_editor(self, message: EditorLeft) -> None:
        message.stop()
        self.editing.leave(message.text)

    @on(RecordingMessage)
    def _take_recording(self, message: RecordingMessage) -> None:
        message.stop()
        self.opener.take(message)
        self.stepping.catch_up()

    @on(SupposedMessage)
    def _take_supposed(self, message: SupposedMessage) -> None:
        message.stop()
        self.what_if.take(message)

    @on(SearchLeft)
    def _take_focus(self, message: SearchLeft) -> None:
        message.stop()
        self.focus()

    def _open_path(self, path: str | None) -> None:
        if path:
            self.opener.open_subject(Script(file_path(path)))

    def _take_state(self, state: Opened) -> None:
        self.state = state

    def _warn(self, line: str) -> None:
        self.app.notify(line, severity="warning", timeout=8)

    def _tell_run(self) -> None:
        """Let the other tabs know of the script's run, where it differs."""
        title = self.state.titled(self.opener.title)
        message = self._shared.changed(self.state, title, self.opener.subject)
        if message is not None:
            self.post_message(message)

    def _mark_opened(self) -> None:
        """Mark what is open in the list of lessons, to which the user's own is added."""
        lessons, subject = self.query_one(LessonList), self.opener.subject
        if subject is not None:
            lessons.add(self.state.key, subject.title)
        lessons.mark(self.state.key)

    def _show_headings(self) -> None:
        state = self.state
        going_on = state.replaying or (RECORDING if state.awaited else "")
        differs = SAME if state.supposed else self._display.versus.differs
        title = safe(self.opener.title) + self.predict.words
        if self.main.size.width >= HINT_LEAST:
            original = state.original is not None
            changed = self._editing is not None and self._editing.has_changed
            title += hint(state.key, lambda: keys_of(self), original=original, changed=changed)
        self.main.show_headings(title, state.player, going_on, differs)
        self.main.show_supposed(safe(state.supposed.words) if state.supposed else "")

    def _show_node(self) -> None:
        self._display.show_node(self.player, self.opener.subject)
