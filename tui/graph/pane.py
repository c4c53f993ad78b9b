"""The Graph tab: a script line by line, its autograd graph, and the backward pass through it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.actions import parse
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import var
from textual.timer import Timer

from engine.autograd.graph import Graph
from tui.graph.alone import LECTURE, TENSORS, Alone
from tui.graph.edit.late_editing import LateEditing
from tui.graph.graph_keys import Part, pane_keys
from tui.graph.graph_widget import GraphWidget
from tui.graph.main_column import MainColumn
from tui.graph.messages import EditorLeft, RecordingMessage, RunAsked
from tui.graph.node_actions import NodeActions
from tui.graph.outline import ROOM
from tui.graph.pass_moves import PassMoves
from tui.graph.player_steps import PLAY_SECONDS
from tui.graph.predict.mode import PredictMode
from tui.graph.predict.panel import PredictionMade
from tui.graph.search_bar import SearchLeft
from tui.graph.shown_state import ShownState
from tui.graph.side_panel import SidePanel
from tui.graph.stepping import Stepping
from tui.graph.subjects.lesson_choice import LessonChoice
from tui.graph.subjects.lesson_list import LessonChosen, LessonList
from tui.graph.subjects.loader import Loader, Recorders, threads_of
from tui.graph.subjects.opened import Opened
from tui.graph.subjects.opener import Opener
from tui.graph.what_if.messages import SupposedMessage
from tui.graph.what_if.what_if import WhatIf
from tui.kit.tab_pane import Pane
from tui.script.player import Player
from tui.script.subject import Start


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
        recorders: Callable[[], Recorders] | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id, classes=ROOM)
        loader = Loader(self.post_message, threads_of(self), (recorders or Recorders)())
        self.opener = Opener(loader, self._take_state, self._warn, subject)
        self.set_reactive(GraphPane.state, self.opener.state)
        self.moves = PassMoves(self.opener, self)
        self.predict = PredictMode(self.opener, self)
        self.stepping = Stepping(self.opener, self.moves, self.predict, self)
        self.what_if = WhatIf(self.opener, self)
        self.alone = Alone(self)
        self.nodes = NodeActions(self.opener, self.what_if, self)
        self.edits = LateEditing(self.opener, self.what_if, self, lambda: self.ready)
        self.shown = ShownState(self.opener, self.predict, self, self.edits)
        self._choice = LessonChoice(self.opener, self, self.shown.mark_opened)
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Source over graph; beside them the node, the tensors in scope and the lessons."""
        yield LessonList(id="lessons")
        yield MainColumn(id="graph-main")
        yield SidePanel(id="graph-side").data_bind(GraphPane.ready)

    def on_mount(self) -> None:
        """Prepare the clock for playing, and follow the selection."""
        self._timer = self.set_interval(PLAY_SECONDS, self.stepping.play_on, pause=True)
        self.watch(self.graph_widget, "selected", self.shown.show_node, init=False)
        self.shown.begin()

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
            self.call_after_refresh(self.shown.show_node)

    def watch_state(self, before: Opened, state: Opened) -> None:
        """Show what differs from before."""
        if self._timer is not None:
            (self._timer.resume if state.playing else self._timer.pause)()
        self.shown.follow(before, state)
        self.edits.follow()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action is possible: another rank only in a run of several."""
        return super().check_action(action, parameters) and (
            action != "rank" or self.player.lens is not None
        )

    def on_unmount(self) -> None:
        """Keep what stands in the editor, and no process that waits for a script."""
        self.edits.close()
        self.opener.loader.close()

    def on_resize(self) -> None:
        """Show what could not be shown before there was room."""
        self.come_to_front()

    def come_to_front(self) -> None:
        """Show what could not be shown while it was hidden."""
        self.shown.catch_up()

    def on_descendant_blur(self) -> None:
        """Fold the list of lessons away when it is left, marked where it was before."""
        self._choice.fold()

    async def action_of(self, part: Part, action: str) -> None:
        """Run an action of a part, as `of('graph', 'fold')` or `of('nodes', 'nudge(1)')`."""
        if part == "graph":
            self.alone.show_graph()
            await self.app.run_action(action, self.graph_widget)
            return
        _, name, parameters = parse(action)
        getattr(getattr(self, part), name)(*parameters)

    def action_predict(self) -> None:
        """Ask before each step what it will show, or no longer."""
        self.predict.switch()
        self.shown.show_headings()

    def action_rank(self) -> None:
        """Show the next rank of the run, after the last one all of them beside one another."""
        lens = self.player.lens
        if lens is not None:
            self.opener.see(lens.turned())

    def action_leave(self) -> None:
        """Leave what was begun last: the editor, what is alone on the screen, or a search."""
        left = self.edits.leave() or self.alone.leave()
        if not left and not self.interrupt():
            self.screen.set_focus(self)
            self.graph_widget.leave_search(keep=False)

    def action_tensors(self) -> None:
        """Show the tensors alone on the screen, or everything again."""
        self.alone.toggle(TENSORS)

    def action_lecture(self) -> None:
        """Show only the graph, and one sentence about the node, or everything again."""
        self.alone.toggle(LECTURE)
        self.call_after_refresh(self.shown.show_node)

    def action_lessons(self) -> None:
        """Give the keys to the list of lessons, or take them back."""
        self._choice.toggle()

    def action_open_file(self) -> None:
        """Ask for the path of a Python file, and record it."""
        self._choice.ask_for_file()

    @on(LessonChosen)
    def _choose_lesson(self, message: LessonChosen) -> None:
        message.stop()
        key = message.key
        if not self._choice.asks_for_file(key) and not self.edits.opens(key):
            self.stepping.forget()
            self.predict.forget_answers(message.key)
            self.opener.open(message.key)

    @on(PredictionMade)
    def _take_prediction(self, message: PredictionMade) -> None:
        message.stop()
        self.predict.take(message.choice)
        self.shown.show_headings()

    @on(RunAsked)
    async def _run_edited(self, message: RunAsked) -> None:
        message.stop()
        await self.edits.now.run(message.text)

    @on(EditorLeft)
    def _leave_editor(self, message: EditorLeft) -> None:
        message.stop()
        self.edits.now.leave(message.text)

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
        self.screen.set_focus(self)

    def _take_state(self, state: Opened) -> None:
        self.state = state

    def _warn(self, line: str) -> None:
        self.app.notify(line, severity="warning", timeout=8)
