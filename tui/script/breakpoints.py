"""Breakpoints of a script: source lines, and nodes of the backward pass. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.autograd.graph import Graph, Node
from engine.recording.records import Recording
from tui.script.position import Position, backward_at, end, inside


class NodeMark(NamedTuple):
    """What a node is recognised by, however often its line runs and its graph is made anew."""

    op: str
    what: str
    """A leaf's name, else the source that made it."""
    line: int | None


@dataclass(frozen=True, slots=True)
class Breakpoints:
    """Where `c` stops: before these lines, and when backward has reached these nodes."""

    lines: frozenset[int] = frozenset()
    nodes: frozenset[NodeMark] = frozenset()

    def with_line(self, line: int) -> Breakpoints:
        """Return these breakpoints with a source line added, or taken away if it was there."""
        return Breakpoints(self.lines ^ {line}, self.nodes)

    def with_node(self, node: Node) -> Breakpoints:
        """Return these with the node and those like it added, or taken away if they were there."""
        return Breakpoints(self.lines, self.nodes ^ {mark_of(node)})

    def nodes_of(self, graph: Graph) -> frozenset[int]:
        """Return the ids of the nodes of a graph at which there is a breakpoint."""
        if not self.nodes:
            return frozenset()
        return frozenset(node.id for node in graph.nodes if mark_of(node) in self.nodes)


def mark_of(node: Node) -> NodeMark:
    """Return what of a node is the same from one run of its line to the next."""
    if node.is_leaf:
        return NodeMark(node.op, node.name or "", None)
    return NodeMark(node.op, node.expression or "", node.line)


def next_breakpoint(recording: Recording, position: Position, breakpoints: Breakpoints) -> Position:
    """Return the position of the first breakpoint ahead; the end where there is none."""
    if position.nodes is not None:
        reached = _breakpoint_inside(recording, position.lines, position.nodes, breakpoints)
        if reached is not None:
            return reached
    for lines in range(position.lines, len(recording.moments)):
        arriving = lines > position.lines or position.nodes is not None
        if arriving and recording.moments[lines].line in breakpoints.lines:
            return Position(lines)
        reached = _breakpoint_inside(recording, lines + 1, 0, breakpoints)
        if reached is not None:
            return reached
    return end(recording)


def _breakpoint_inside(
    recording: Recording, lines: int, after: int, breakpoints: Breakpoints
) -> Position | None:
    """The first breakpoint among the nodes of a line's backward pass that have not run."""
    backward = backward_at(recording, Position(lines)) if breakpoints.nodes else None
    if backward is None:
        return None
    wanted = breakpoints.nodes_of(backward.graph)
    for count, gradient in enumerate(backward.gradients, 1):
        if count > after and gradient.node in wanted:
            return inside(recording, lines, count)
    return None
