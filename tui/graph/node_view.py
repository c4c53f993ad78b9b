"""What the two drawings of a graph have in common: the pane need not know which is on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from textual.message import Message

from engine.autograd.graph import Graph, NodeGradient

Move = Literal["left", "right", "up", "down", "pageup", "pagedown", "home", "end"]


@dataclass
class NodeSelected(Message):
    """A node was chosen with the mouse."""

    node: int


class Shown(NamedTuple):
    """What a view shows."""

    graph: Graph
    gradients: tuple[NodeGradient, ...] = ()
    """All of the pass, also those that have not come yet: their room is kept."""
    arrived: int = 0
    """How many have come."""


class Marks(NamedTuple):
    """What is marked on nodes besides where backward has been."""

    hits: frozenset[int] = frozenset()
    """Found by the search."""
    stops: frozenset[int] = frozenset()
    """Breakpoints."""


class NodeView(Protocol):
    """A drawing of a graph."""

    def show_graph(self, shown: Shown | None, selected: int | None) -> None:
        """Another graph, or the same one with more of its gradients there."""

    def select(self, node: int | None) -> None:
        """Mark a node and bring it on the screen."""

    def mark(self, marks: Marks) -> None:
        """Other hits or breakpoints."""

    def moved(self, node: int, move: Move) -> int:
        """Where a key leads from a node."""
