"""Breakpoints of a script: source lines, and nodes of the backward pass. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from engine.autograd.graph import Graph, Node
from engine.recording.records import Recording
from tui.script.position import Position, backward_at, end, inside

SLICE = 50
"""After so many lines a search lets others go on."""


class LineMark(NamedTuple):
    """A line of a file of the script's project."""

    line: int
    file: int = 0
    """The index in the recording's `files`; 0 is the script."""


class NodeMark(NamedTuple):
    """What a node is recognised by, however often its line runs and its graph is made anew."""

    op: str
    what: str
    """A leaf's name, else the source that made it."""
    line: int | None
    file: str | None = None
    """The file of the line; None for the script."""


@dataclass(frozen=True, slots=True)
class Breakpoints:
    """Where `c` stops: before these lines, and when backward has reached these nodes."""

    lines: frozenset[LineMark] = frozenset()
    nodes: frozenset[NodeMark] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.lines or self.nodes)

    def with_line(self, line: int, file: int = 0) -> Breakpoints:
        """Return these breakpoints with a source line added, or taken away if it was there."""
        return Breakpoints(self.lines ^ {LineMark(line, file)}, self.nodes)

    def lines_in(self, file: int) -> frozenset[int]:
        """Return the numbers of the lines of a file at which there is a breakpoint."""
        return frozenset(mark.line for mark in self.lines if mark.file == file)

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
    return NodeMark(node.op, node.expression or "", node.line, node.file)


def next_breakpoint(recording: Recording, position: Position, breakpoints: Breakpoints) -> Position:
    """Return the position of the first breakpoint ahead; the end where there is none."""
    for found in search(recording, position, breakpoints):
        if found is not None:
            return found
    return end(recording)


def reached(
    recording: Recording, before: Position, there: Position, breakpoints: Breakpoints
) -> bool:
    """Return whether the step from one position to the next has come to a breakpoint."""
    found = search(recording, before, breakpoints, until=there.lines)
    return there in (position for position in found if position is not None)


def search(
    recording: Recording,
    position: Position,
    breakpoints: Breakpoints,
    until: int | None = None,
) -> Iterator[Position | None]:
    """Look for the first breakpoint ahead: yields it, and before that None after some lines each.

    In a long recording that takes a while, and whoever looks may stop between. With `until` only
    positions up to so many lines are looked at. Yields nothing more where there is none.
    """
    if not breakpoints:
        return
    if position.nodes is not None:
        found = _breakpoint_inside(recording, position.lines, position.nodes, breakpoints)
        if found is not None:
            yield found
            return
    last = len(recording.moments) - 1 if until is None else min(until, len(recording.moments) - 1)
    for lines in range(position.lines, last + 1):
        arriving = lines > position.lines or position.nodes is not None
        moment = recording.moments[lines]
        if arriving and LineMark(moment.line, moment.file) in breakpoints.lines:
            yield Position(lines)
            return
        if moment.backward is not None:
            found = _breakpoint_inside(recording, lines + 1, 0, breakpoints)
            if found is not None:
                yield found
                return
        if lines % SLICE == SLICE - 1:
            yield None


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
