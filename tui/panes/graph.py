"""The Graph tab: a script line by line, its autograd graph, and the backward pass through it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.reactive import var
from textual.timer import Timer

from engine.graph import Graph, Node, NodeGradient
from engine.lessons import LESSONS, find
from engine.moments import Recording
from engine.sources import SourceError
from tui import stepping
from tui.drawing.layout import Side
from tui.iterating import Inside
from tui.messages import LessonChosen, Order, ScriptRecorded, ScriptRefused, TrainingOrdered
from tui.notes import line_notes
from tui.stepping import Place
from tui.text import safe
from tui.widgets.graph_view import GraphView, NodeSelected
from tui.widgets.heading import Heading
from tui.widgets.lesson_list import YOUR_RUN, LessonList
from tui.widgets.node_details import NodeDetails, node_heading
from tui.widgets.source_view import SourceView
from tui.widgets.tensor_table import TensorTable

if TYPE_CHECKING:
    from engine.rules import LocalRule

PLAY_SECONDS = 0.7
"""Between two steps while playing."""


class GraphPane(Container, can_focus=True):
    """Owns a recording and the place in it; hands both down to its widgets."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "line", "Line", tooltip="run the next line of the script"),
        Binding("N", "line_back", "Back", tooltip="back to before the latest line"),
        Binding("s", "node", "Node", tooltip="into backward, node by node; else as n"),
        Binding("S", "node_back", "Back", tooltip="back to before the latest node"),
        Binding("space", "play", "Play", tooltip="step by itself; again to pause"),
        Binding("c", "to_end", "End", tooltip="to the end of the script"),
        Binding("f", "finish", "Finish", show=False, tooltip="to the end of this backward pass"),
        Binding("r", "restart", "Restart", tooltip="back to before the first line"),
        Binding("o", "lessons", "Lessons", tooltip="choose a lesson"),
        Binding("left,h", "select('left')", "Node left", show=False),
        Binding("right,l", "select('right')", "Node right", show=False),
        Binding("up,k", "select('up')", "Node above", show=False),
        Binding("down,j", "select('down')", "Node below", show=False),
    ]

    recording: var[Recording | None] = var(None)
    place: var[Place] = var(Place())
    selected: var[int | None] = var(None)
    lesson: var[str] = var(LESSONS[1].key)
    inside: var[Inside | None] = var(None)
    """The shared run's iteration; shown where the lesson is `YOUR_RUN`."""
    ready: var[bool] = var(False)
    """Whether torch is there."""
    playing: var[bool] = var(False)

    def __init__(self, file: Path | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._file = file
        self._timer: Timer | None = None
        self._graph: Graph | None = None
        if file is not None:
            self.set_reactive(GraphPane.lesson, str(file))

    def compose(self) -> ComposeResult:
        """Source over graph; beside them the node, the tensors in scope and the lessons."""
        yield LessonList(self._file, id="lessons")
        with Vertical(id="graph-main"):
            yield Heading("loading torch …", id="source-heading")
            yield SourceView(id="source")
            yield Heading("graph", id="drawing-heading")
            yield GraphView(id="drawing")
        with Container(id="graph-side"):
            with Vertical(id="node-section"):
                yield Heading("node", id="node-heading")
                yield NodeDetails(id="node")
            with Vertical(id="tensors-section"):
                yield Heading("tensors in scope")
                yield TensorTable(id="tensors")

    def on_mount(self) -> None:
        """The clock for playing."""
        self.query_one(LessonList).border_title = "lessons"
        self._timer = self.set_interval(PLAY_SECONDS, self._play_on, pause=True)

    def watch_ready(self, ready: bool) -> None:
        """Run the lesson as soon as torch is there."""
        if ready:
            self._open(self.lesson)

    def watch_recording(self) -> None:
        """Another script."""
        source = self.recording.source if self.recording else ""
        self.query_one(SourceView).show_source(source)
        self._show_place()

    def watch_place(self) -> None:
        """Another place in it."""
        self._show_place()

    def watch_selected(self) -> None:
        """Another node."""
        self.query_one(GraphView).select(self.selected)
        self._show_node()

    def watch_inside(self) -> None:
        """The shared run moved."""
        if self.lesson == YOUR_RUN:
            self._show_run()

    def watch_playing(self, playing: bool) -> None:
        """Start or stop the clock."""
        if self._timer is not None:
            (self._timer.resume if playing else self._timer.pause)()

    def action_line(self) -> None:
        """One line on."""
        self._go("next", stepping.next_line)

    def action_line_back(self) -> None:
        """One line back."""
        self._go("previous", stepping.previous_line)

    def action_node(self) -> None:
        """One node of the backward pass on, or a line."""
        self._go("node", stepping.next_node)

    def action_node_back(self) -> None:
        """One node or line back."""
        self._go("node back", stepping.previous_node)

    def action_finish(self) -> None:
        """To the end of the backward pass, or of the run's iteration."""
        self._go("finish", lambda _, place: Place(place.lines))

    def action_to_end(self) -> None:
        """To the end of the script, or the run's target."""
        self._go("run", lambda recording, _: stepping.end(recording))

    def action_restart(self) -> None:
        """Before the first line."""
        self._go("reset", lambda _recording, _place: Place())

    def action_play(self) -> None:
        """Step by itself, or stop doing so."""
        if self.lesson == YOUR_RUN:
            self.post_message(TrainingOrdered("play"))
        elif self.recording is not None:
            self.playing = not self.playing

    def action_lessons(self) -> None:
        """To the list of lessons, and back."""
        lessons = self.query_one(LessonList)
        if self.has_class("-choosing"):
            self.focus()
        else:
            self.add_class("-choosing")
            lessons.focus()

    def action_select(self, side: Side) -> None:
        """Move over the graph."""
        self.selected = self.query_one(GraphView).neighbour(side)

    def on_descendant_blur(self) -> None:
        """The list of lessons folds away when it is left."""
        self.remove_class("-choosing")

    @on(NodeSelected)
    def _select_node(self, message: NodeSelected) -> None:
        message.stop()
        self.selected = message.node

    @on(LessonChosen)
    def _choose_lesson(self, message: LessonChosen) -> None:
        message.stop()
        self.focus()
        self._open(message.key)

    @on(ScriptRecorded)
    def _take_recording(self, message: ScriptRecorded) -> None:
        message.stop()
        if message.key == self.lesson:
            self.set_reactive(GraphPane.place, Place())
            self.recording = message.recording

    @on(ScriptRefused)
    def _refuse(self, message: ScriptRefused) -> None:
        message.stop()
        self.app.notify(safe(message.reason), severity="error", markup=False)

    def _open(self, key: str) -> None:
        self.playing = False
        self.lesson = key
        self.query_one(LessonList).mark(key)
        if key == YOUR_RUN:
            self._show_run()
        elif self.ready:
            lesson = find(key)
            self._record(key, lesson.path if lesson else Path(key))

    @work(thread=True, exclusive=True, group="recording")
    def _record(self, key: str, path: Path) -> None:
        from engine.recording import record

        try:
            self.post_message(ScriptRecorded(key, record(path)))
        except SourceError as error:
            self.post_message(ScriptRefused(str(error)))

    def _show_run(self) -> None:
        if self.inside is not None:
            self.set_reactive(GraphPane.place, self.inside.place)
            if self.recording is self.inside.dissection.recording:
                self._show_place()
            else:
                self.recording = self.inside.dissection.recording

    def _go(self, order: Order, move: Callable[[Recording, Place], Place]) -> None:
        self.playing = False
        if self.lesson == YOUR_RUN:
            self.post_message(TrainingOrdered(order))
        elif self.recording is not None:
            self.place = move(self.recording, self.place)

    def _play_on(self) -> None:
        if self.recording is None or self.place == stepping.end(self.recording):
            self.playing = False
        elif self.playing:
            self.place = stepping.next_node(self.recording, self.place)

    def _show_place(self) -> None:
        """The marker, the notes, the graph, and the node that has just run."""
        recording, place = self.recording, self.place
        if recording is None:
            return
        moment = stepping.moment_at(recording, place)
        done = moment.line if moment else None
        current = stepping.current_line(recording, place)
        self.query_one(SourceView).show_place(done, current, line_notes(recording, place))
        self._graph = stepping.graph_at(recording, place)
        arrived = len(stepping.passed(recording, place))
        backward = stepping.backward_at(recording, place)
        gradients = backward.gradients if backward else ()
        self.query_one(GraphView).show_graph(self._graph, gradients, arrived)
        self._show_headings(recording, place, arrived, len(gradients))
        self.query_one(TensorTable).show_moment(moment)
        self.set_reactive(GraphPane.selected, self._focus_node())
        self.watch_selected()

    def _focus_node(self) -> int | None:
        """The node that backward has just run, else the root."""
        if self._graph is None or self.recording is None:
            return None
        passed = stepping.passed(self.recording, self.place)
        if self.place.nodes is not None and passed:
            return passed[-1].node
        return self._graph.roots[0]

    def _show_headings(self, recording: Recording, place: Place, arrived: int, nodes: int) -> None:
        lesson = find(self.lesson)
        name = lesson.title if lesson else safe(recording.name)
        step = f"step {place.lines} of {len(recording.moments)}"
        self.query_one("#source-heading", Heading).show(name, step)
        heading = self.query_one("#drawing-heading", Heading)
        if self._graph is None:
            heading.show("graph")
            return
        root = self._graph.nodes[self._graph.roots[0]]
        aside = f"backward, node {arrived} of {nodes}" if nodes else ""
        heading.show(f"graph of {safe(root.name or root.title)}", aside)

    def _show_node(self) -> None:
        details, heading = self.query_one(NodeDetails), self.query_one("#node-heading", Heading)
        if self._graph is None or self.selected is None or self.recording is None:
            heading.show("node")
            details.show_node(None, None, ())
            return
        node = self._graph.nodes[self.selected]
        heading.show(safe(node_heading(node)))
        passed = stepping.passed(self.recording, self.place)
        gradient = next((g for g in passed if g.node == node.id), None)
        rules = _rules(node, gradient, self._graph) if gradient else ()
        details.show_node(node, gradient, rules)


def _rules(node: Node, gradient: NodeGradient, graph: Graph) -> tuple[LocalRule, ...]:
    from engine.rules import local_rules

    return local_rules(node, gradient, graph)
