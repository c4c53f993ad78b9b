"""Beside the graph: the selected node, and the tensors in scope."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.reactive import var

from engine.autograd.graph import Node
from engine.recording.differences import Differences
from tui.diagram.node_details import Known, NodeDetails, node_heading
from tui.diagram.node_facts import known_of
from tui.diagram.was import Was
from tui.graph.predict.panel import QuestionPanel
from tui.graph.tensor_table import TensorTable
from tui.kit.heading import Heading
from tui.kit.paragraphs import Paragraphs
from tui.kit.text import safe
from tui.script.compared import SAME
from tui.script.player import Player
from tui.script.scope import Scope
from tui.script.subject import Subject


class SidePanel(Container):
    """Shows what is known of one node, and below it (in a narrow terminal beside) the tensors."""

    ready: var[bool] = var(False)
    """Whether torch is there, by which rules are evaluated."""

    def compose(self) -> ComposeResult:
        """Two sections, each with its heading."""
        with Vertical(id="node-section"):
            yield Heading("node", id="node-heading")
            yield QuestionPanel(id="question")
            yield Paragraphs(id="verdict")
            yield NodeDetails(id="node")
        with Vertical(id="tensors-section"):
            yield Heading("tensors in scope", id="tensors-heading")
            yield TensorTable(id="tensors")

    def show_node(
        self, player: Player, node: Node | None, subject: Subject | None, was: Was | None = None
    ) -> Known | None:
        """Show a node of the player's graph as far as backward has come, and return what is known.

        None clears. `was` is what differs from the original.
        """
        details, heading = self.query_one(NodeDetails), self.query_one("#node-heading", Heading)
        graph = player.graph
        if graph is None or node is None:
            heading.show("node")
            details.show_node(None)
            return None
        known = known_of(player, graph, node, subject, ready=self.ready)
        heading.show(safe(node_heading(known.node)), f"node {node.id:,}")
        known = known._replace(was=was)
        details.show_node(known)
        return known

    def show_scope(self, scope: Scope, differs: Differences = SAME) -> None:
        """Show the tensors in scope, and what they were where they differ."""
        self.query_one(TensorTable).show_scope(scope, differs.tensors)
