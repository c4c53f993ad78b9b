"""What the boxes and the rails of a graph have in common, so that one widget can use either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from textual.message import Message

from engine.autograd.graph import Backward, Graph, NodeGradient

Move = Literal["left", "right", "up", "down", "pageup", "pagedown", "home", "end"]


@dataclass
class NodeSelected(Message):
    """Posted by a view when a node was clicked."""

    node: int
    """Its id in the graph."""


class Shown(NamedTuple):
    """A graph, and the backward pass through it."""

    graph: Graph
    gradients: tuple[NodeGradient, ...] = ()
    """All of the pass, also those that have not come yet: their room is kept."""
    arrived: int = 0
    """How many of them backward has made so far."""
    coming: Backward | None = None
    """The pass to come, into whose graph this one grows."""
    asked: int | None = None
    """The node whose gradient is asked for."""
    before: tuple[NodeGradient, ...] = ()
    """Those of the same pass before something was changed, where they are compared."""


class Marks(NamedTuple):
    """The ids of nodes that are marked besides those where backward has been."""

    hits: frozenset[int] = frozenset()
    """The nodes that the search found."""
    breakpoints: frozenset[int] = frozenset()
    """The nodes with a breakpoint."""
    changed: frozenset[int] = frozenset()
    """The nodes that are new, or differ from those of the original."""


class NodeView(Protocol):
    """A widget that shows an autograd graph, with a selected node and marks."""

    def show_graph(self, shown: Shown | None, selected: int | None, marks: Marks) -> None:
        """Show another graph, or the same one with more of its gradients there."""

    def select(self, node: int | None) -> None:
        """Mark the node of this id as selected, and scroll to it; None marks none."""

    def mark(self, marks: Marks) -> None:
        """Mark other search hits and breakpoints."""

    def moved(self, node: int, move: Move) -> int:
        """Return the id of the node to which a key leads from the node of an id."""
