"""The graph of an iteration while its backward pass is looked at, and the rule of one node."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from engine.autograd.graph import Node
from tui.diagram.node_details import NodeDetails, node_heading
from tui.diagram.node_facts import known_of
from tui.diagram.node_view import Marks, Shown
from tui.diagram.view_switch import ViewSwitch
from tui.kit.heading import Heading
from tui.kit.text import safe
from tui.script.player import Player

BOXES_FROM = (96, 12)
"""Columns and rows; in fewer only rows have room for the gradients."""


class IterationGraph(Vertical):
    """The graph in boxes or rows, with the gradients that have arrived."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._chosen = False
        """Whether boxes or rows are as somebody wants them."""

    def compose(self) -> ComposeResult:
        """A heading, and the graph below it."""
        yield Heading("graph", id="iteration-heading")
        yield ViewSwitch(id="iteration-graph")

    def show_pass(self, player: Player, selected: int | None) -> None:
        """Show the graph of the player's pass, and which of its nodes is selected."""
        graph, run = player.graph, player.backward_pass
        if graph is None:
            return
        root = graph.nodes[graph.roots[0]]
        heading, done = self.query_one("#iteration-heading", Heading), len(run.gradients)
        heading.show(f"graph of {safe(root.name or root.title)}", f"node {run.arrived} of {done}")
        shown = Shown(graph, run.gradients, run.arrived)
        self.query_one(ViewSwitch).show_graph(shown, selected, Marks())

    def select(self, node: int) -> None:
        """Mark the node of this id as selected."""
        self.query_one(ViewSwitch).select(node)

    def switch(self) -> None:
        """Turn from boxes to rows or back; from then on as chosen."""
        self._chosen = True
        self.query_one(ViewSwitch).switch()

    def on_resize(self) -> None:
        """Choose what has room for the gradients."""
        width, height = self.size
        views, boxes = self.query_one(ViewSwitch), width >= BOXES_FROM[0] and height > BOXES_FROM[1]
        if not self._chosen and self.size.area and (views.kind == "boxes") != boxes:
            views.switch()


class NodeRule(Vertical):
    """What came into a node, by which rule it went on, and what left."""

    def compose(self) -> ComposeResult:
        """A heading, and the details below it."""
        yield Heading("node", id="rule-heading")
        yield NodeDetails(id="rule")

    def show_node(self, player: Player, node: Node) -> None:
        """Show a node of the player's graph, as far as backward has come."""
        if player.graph is None:
            return
        # An iteration that has been traced has loaded torch.
        known = known_of(player, player.graph, node, None, ready=True)
        # What becomes of `.grad` stands beside the update, of this iteration alone.
        known = known._replace(ledger=None)
        self.query_one(Heading).show(safe(node_heading(node)), f"id {node.id:,}")
        self.query_one(NodeDetails).show_node(known)
