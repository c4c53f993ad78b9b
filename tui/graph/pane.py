"""The Graph tab: a script line by line, its autograd graph, and the backward pass through it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from engine.autograd.graph import DETAILS_LIMIT, Graph, Node, NodeGradient
from engine.rules.local_rule import LocalRule
from engine.script.gradient_ledger import LeafLedger, ledger
from engine.script.records import Recording
from tui.graph.finding import Finding
from tui.graph.first_keys import NO_GRAPH, invitation
from tui.graph.graph_widget import GraphDrawing
from tui.graph.lesson_list import LessonList
from tui.graph.node_details import Known, NodeDetails, node_heading
from tui.graph.search_bar import SearchBar
from tui.graph.tensor_table import TensorTable
from tui.kit.heading import Heading
from tui.kit.key_ids import keys_of, with_ids
from tui.kit.paragraphs import Paragraphs
from tui.kit.spans import Span
from tui.kit.text import safe
from tui.script import position
from tui.script.advice import advice_at
from tui.script.line_notes import line_notes
from tui.script.position import Pass, Position
from tui.script.source_view import SourceView
from tui.script.subject import LiveTensor

SOURCE_LEAST = 4
"""Rows of source, however short it is."""


class GraphPane(Finding):
    """Shows the place in the recording: every part of the screen gets what it needs."""

    BINDINGS: ClassVar[list[BindingType]] = with_ids(
        [
            Binding("o", "lessons", "Open", tooltip="a lesson, a mistake, or a file of your own"),
            Binding("m", "tensors", "Tensors", show=False, tooltip="in scope, all of their facts"),
            Binding("e", "app.export_graph", "Export", show=False, tooltip="for Graphviz"),
        ]
    )

    _pass = Pass()
    """The backward pass through the graph on the screen."""

    def compose(self) -> ComposeResult:
        """Source over graph; beside them the node, the tensors in scope and the lessons."""
        yield LessonList(id="lessons")
        with Vertical(id="graph-main"):
            yield Heading("loading torch …", id="source-heading")
            yield SourceView(id="source")
            yield Paragraphs(id="advice")
            yield Heading("graph", id="drawing-heading")
            yield GraphDrawing(id="drawing")
            yield SearchBar()
        with Container(id="graph-side"):
            with Vertical(id="node-section"):
                yield Heading("node", id="node-heading")
                yield NodeDetails(id="node")
            with Vertical(id="tensors-section"):
                yield Heading("tensors in scope", id="tensors-heading")
                yield TensorTable(id="tensors")

    def watch_recording(self) -> None:
        """Another script."""
        self._show_source(self.recording.source if self.recording else "")
        self._show_place()

    def watch_place(self, before: Position, place: Position) -> None:
        """Another place in it; after the last node of a pass that node is still the current one."""
        self._show_place(after_last=before.nodes is not None and place == Position(before.lines))

    def watch_selected(self) -> None:
        """Another node."""
        self.drawing.select(self.selected)
        self._show_node()
        self._count()

    def watch_stops(self) -> None:
        """Other breakpoints."""
        super().watch_stops()
        self.query_one(SourceView).show_stops(self.stops.lines)

    def watch_awaited(self, source: str) -> None:
        """A file is being recorded: its text is there, and nothing of it has run."""
        if source:
            self.recording = None
            self._show_source(source)
            self._show_headings()

    def watch_refused(self) -> None:
        """A file could not be opened."""
        if self.refused:
            self.recording = None
            self._show_headings()
        self.query_one(Paragraphs).show(self.refused)

    def action_switch(self) -> None:
        """Boxes or rails."""
        super().action_switch()
        self._show_headings()

    def action_tensors(self) -> None:
        """The tensors alone on the screen, or back."""
        self.toggle_class("-tensors")

    def action_leave(self) -> None:
        """The tensors, where they are alone on the screen."""
        if self.has_class("-tensors"):
            self.remove_class("-tensors")
        else:
            super().action_leave()

    def _show_source(self, source: str) -> None:
        """As high as there is room for, and no higher than it is long."""
        view = self.query_one(SourceView)
        view.show_source(source)
        view.styles.max_height = max(source.count("\n") + 1, SOURCE_LEAST)

    def _show_place(self, *, after_last: bool = False) -> None:
        """The marker, the notes, the graph, and the node that has just run."""
        recording, place = self.recording, self.place
        moment = position.moment_at(recording, place) if recording else None
        if recording is not None:
            current = position.current_line(recording, place)
            notes = line_notes(recording, place)
            error = recording.error if moment is None else None
            done = moment.line if moment else error.line if error else None
            self.query_one(SourceView).show_place(done, current, notes)
            self.query_one(Paragraphs).show(advice_at(recording, place))
        self.graph = position.graph_at(recording, place) if recording else None
        self._pass = position.pass_at(recording, place) if recording else Pass()
        self.set_reactive(GraphPane.selected, self._focus_node(after_last=after_last))
        if self.graph is None:
            self.drawing.invite(self._invitation())
        self.drawing.show_graph(self.graph, self._pass, self.selected)
        scope = position.scope_at(recording, place) if recording else position.Scope()
        self.query_one(TensorTable).show_scope(scope)
        self._show_headings()
        self._show_node()
        self.search_again()
        self.show_marks()

    def _invitation(self) -> tuple[tuple[Span, ...], ...]:
        """What to press, while there is something to press it for."""
        recording = self.recording
        if recording is None or self.place == position.end(recording):
            return (NO_GRAPH,)
        return invitation(keys_of(self))

    def _focus_node(self, *, after_last: bool) -> int | None:
        """The node that backward has just run, else the one asked for, else the root."""
        if self.graph is None or self.recording is None:
            return None
        if self._pass.arrived and position.backward_at(self.recording, self.place):
            node = self._pass.gradients[self._pass.arrived - 1].node
            if (
                after_last
                or self.place.nodes is not None
                or node in self.stops.nodes_of(self.graph)
            ):
                return node
        wanted = getattr(self.subject, "tensor", None)
        named = (node.id for node in self.graph.nodes if wanted and node.name == wanted)
        return next(named, self.graph.roots[0])

    def _show_headings(self) -> None:
        recording, place = self.recording, self.place
        source = self.query_one("#source-heading", Heading)
        if recording is None:
            words = "recording …  escape stops it" if self.awaited else ""
            source.show(safe(self.title), words)
        else:
            end = " · the end" if place == position.end(recording) else ""
            source.show(safe(self.title), f"step {place.lines} of {len(recording.moments)}{end}")
        self.query_one("#drawing-heading", Heading).show(*self._graph_heading())

    def _graph_heading(self) -> tuple[str, str]:
        if self.graph is None:
            return "graph", ""
        root = self.graph.nodes[self.graph.roots[0]]
        title = f"graph of {safe(root.name or root.title)}"
        if self.drawing.too_large:
            title += f" · {len(self.graph.nodes):,} nodes, too large for boxes"
        ran = self._pass.arrived
        return title, f"backward, node {ran} of {len(self._pass.gradients)}" if ran else ""

    def _show_node(self) -> None:
        details, heading = self.query_one(NodeDetails), self.query_one("#node-heading", Heading)
        if self.graph is None or self.selected is None or self.recording is None:
            heading.show("node")
            details.show_node(None)
            return
        node = self.graph.nodes[self.selected]
        large = len(self.graph.nodes) > DETAILS_LIMIT
        if isinstance(self.subject, LiveTensor):
            node, large = self.subject.details(node), False
        heading.show(safe(node_heading(node)), f"node {node.id:,}")
        passed = self._pass.gradients[: self._pass.arrived]
        gradient = next((g for g in passed if g.node == node.id), None)
        rules = _rules(node, gradient, self.graph) if gradient else ()
        ledger = self._ledger(self.recording, node)
        details.show_node(Known(node, gradient, rules, ledger, large))

    def _ledger(self, recording: Recording, node: Node) -> LeafLedger | None:
        """What happened to a leaf's gradient until here."""
        # Inside a pass the line that runs it has not ended, so nothing of it is booked.
        done = self.place.lines - (self.place.nodes is not None)
        if not node.is_leaf or not done:
            return None

        ledgers = ledger(recording, done - 1)
        return next((one for one in ledgers if one.name == node.name), None)


def _rules(node: Node, gradient: NodeGradient, graph: Graph) -> tuple[LocalRule, ...]:
    from engine.rules.table import local_rules

    return local_rules(node, gradient, graph)
