"""Beside the graph: the selected node, and the tensors in scope."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.message import Message
from textual.reactive import var

from engine.autograd.graph import Graph, Node
from engine.recording.differences import Differences
from tui.diagram.node_details import Known, NodeDetails, node_heading
from tui.diagram.node_facts import known_of
from tui.diagram.rank_sides import RankSide, awaited, sides_of
from tui.diagram.was import Was
from tui.graph.outline import NODE, TENSORS
from tui.graph.predict.panel import QuestionPanel
from tui.graph.tensor_table import TensorTable
from tui.kit.heading import Heading
from tui.kit.paragraphs import Paragraphs
from tui.kit.text import safe
from tui.script.compared import SAME
from tui.script.player import Player
from tui.script.scope import Scope
from tui.script.subject import Subject


@dataclass
class SidesRead(Message):
    """Posted by a thread when it has read a node on all ranks of a run."""

    player: Player
    node: int
    sides: tuple[RankSide, ...]


class SidePanel(Container):
    """Shows what is known of one node, and below it (in a narrow terminal beside) the tensors."""

    ready: var[bool] = var(False)
    """Whether torch is there, by which rules are evaluated."""
    _seen: tuple[Player, Known] | None = None
    """What is shown of a node."""

    def compose(self) -> ComposeResult:
        """Two sections, each with its heading."""
        with Vertical(id="node-section"):
            yield Heading(NODE, id="node-heading")
            yield QuestionPanel(id="question")
            yield Paragraphs(id="verdict")
            yield NodeDetails(id="node")
        with Vertical(id="tensors-section"):
            yield Heading(TENSORS, id="tensors-heading")
            yield TensorTable(id="tensors")

    def show_node(
        self, player: Player, node: Node | None, subject: Subject | None, was: Was | None = None
    ) -> Known | None:
        """Show a node of the player's graph as far as backward has come, and return what is known.

        None clears. `was` is what differs from the original.
        """
        details, heading = self.query_one(NodeDetails), self.query_one("#node-heading", Heading)
        graph = player.graph
        before, self._seen = self._seen, None
        if graph is None or node is None:
            heading.show(NODE)
            details.show_node(None)
            return None
        known = known_of(player, graph, node, subject, ready=self.ready)
        heading.show(safe(node_heading(known.node)), f"id {node.id:,}")
        known = known._replace(was=was, sides=awaited(player, node))
        if known.sides and before is not None and _is_same(before, player, node):
            known = known._replace(sides=before[1].sides)
        elif known.sides:
            self._read_sides(player, graph, node)
        self._seen = player, known
        details.show_node(known)
        return known

    @work(thread=True, exclusive=True, group="ranks")
    def _read_sides(self, player: Player, graph: Graph, node: Node) -> None:
        """Read the same node of all other ranks, each from a file of its own."""
        self.post_message(SidesRead(player, node.id, sides_of(player, graph, node)))

    @on(SidesRead)
    def _take_sides(self, message: SidesRead) -> None:
        message.stop()
        if self._seen is not None and self._seen[0] is message.player:
            known = self._seen[1]
            if known.node.id == message.node:
                known = known._replace(sides=message.sides)
                self._seen = message.player, known
                self.query_one(NodeDetails).show_node(known)

    def show_scope(self, scope: Scope, differs: Differences = SAME) -> None:
        """Show the tensors in scope, and what they were where they differ."""
        self.query_one(TensorTable).show_scope(scope, differs.tensors)


def _is_same(before: tuple[Player, Known], player: Player, node: Node) -> bool:
    """Return whether a node is shown where it was, so that all ranks have what they had."""
    was, known = before
    return (
        known.node.id == node.id
        and was.position == player.position
        and was.lens == player.lens
        and was.recording is player.recording
        and not any(side.why == "…" for side in known.sides)
    )
