"""Moving over a recording, both ways: pure functions from a position to a position."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from engine.autograd.graph import Backward, Graph, NodeGradient
from engine.recording.records import Moment, Recording
from tui.script.windows import (
    SEARCH_LIMIT,
    backward_in,
    deep_passes,
    reach,
    window_at,
    window_of,
)


@dataclass(frozen=True, slots=True)
class Position:
    """A position in a recording: between two lines, or inside a backward pass."""

    lines: int = 0
    """How many executed lines lie behind; 0 before the first."""
    nodes: int | None = None
    """Inside the last of them, a backward pass: how many nodes have run. None: all."""


def moment_at(recording: Recording, position: Position) -> Moment | None:
    """Return the record of the line executed last; None before the first."""
    return recording.moments[position.lines - 1] if position.lines else None


def current_line(recording: Recording, position: Position) -> int | None:
    """Return the number of the source line that runs next, or whose pass runs; None at the end."""
    if position.nodes is not None:
        return recording.moments[position.lines - 1].line
    if position.lines < len(recording.moments):
        return recording.moments[position.lines].line
    return None


def file_at(recording: Recording, position: Position) -> int:
    """Return the index of the file of the current line; at the end, of the line executed last."""
    if position.nodes is None and position.lines < len(recording.moments):
        return recording.moments[position.lines].file
    moment = moment_at(recording, position)
    if moment is not None:
        return moment.file
    return recording.error.file if recording.error else 0


def backward_at(recording: Recording, position: Position) -> Backward | None:
    """Return the backward pass of the line executed last, if it ran one."""
    moment = moment_at(recording, position)
    if moment is None or moment.backward is None:
        return None
    return recording.backwards[moment.backward]


class Pass(NamedTuple):
    """The backward pass through the graph at a position."""

    gradients: tuple[NodeGradient, ...] = ()
    """Of all nodes of the pass, in the order in which autograd runs them."""
    arrived: int = 0
    """How many of them are there at this position."""
    raised: int | None = None
    """The id of the node at which the pass has failed, where it has failed here."""


def pass_at(recording: Recording, position: Position) -> Pass:
    """The pass that runs or has run through the graph here, else the one that will.

    A later pass counts only where it goes through the same operations: a drawing then has room
    for its gradients before they come.
    """
    backward = backward_at(recording, position)
    if backward is not None:
        if position.nodes is not None:
            return Pass(backward.gradients, position.nodes)
        return Pass(backward.gradients, len(backward.gradients), backward.raised)
    graph = graph_at(recording, position)
    if graph is None:
        return Pass()
    latest, ahead = _passes_around(recording, position)
    moment = moment_at(recording, position)
    if latest is not None and moment is not None and latest.graph == moment.graph:
        gradients = _pass_of(recording, latest.backward)
        return Pass(gradients, len(gradients))
    if ahead is None or not same_operations(recording.backwards[ahead].graph, graph):
        return Pass()
    return Pass(recording.backwards[ahead].gradients)


def line_of_pass(recording: Recording, position: Position) -> int | None:
    """Return how many lines lie behind once the pass through the graph here has run.

    None where none runs or has run.
    """
    moments, lines = recording.moments, position.lines
    if not lines:
        return None
    graph, least = moments[lines - 1].graph, reach(recording, lines, SEARCH_LIMIT)
    found = (at for at in range(lines, least, -1) if moments[at - 1].backward is not None)
    latest = next(found, None)
    return latest if latest is not None and moments[latest - 1].graph == graph else None


def graph_at(recording: Recording, position: Position) -> Graph | None:
    """Return the graph that the line executed last made or used; None without one."""
    moment = moment_at(recording, position)
    return None if moment is None or moment.graph is None else recording.graphs[moment.graph]


def next_line(recording: Recording, position: Position) -> Position:
    """Return the position one executed line on; from inside a pass, its end."""
    if position.nodes is not None:
        return replace(position, nodes=None)
    return Position(min(position.lines + 1, len(recording.moments)))


def previous_line(recording: Recording, position: Position) -> Position:
    """Return the position one executed line back; from inside a pass, before its line."""
    return Position(max(position.lines - 1, 0))


def next_node(recording: Recording, position: Position) -> Position:
    """One node on inside a backward pass, into the pass of the next line, else the next line."""
    if position.nodes is not None:
        return inside(recording, position.lines, position.nodes + 1)
    ahead = next_line(recording, position)
    if ahead == position:
        return position
    return inside(recording, ahead.lines, 1)


def previous_node(recording: Recording, position: Position) -> Position:
    """One node back; from after a pass into its end, from its start to the line before."""
    backward = backward_at(recording, position)
    if backward is None or not backward.gradients:
        return previous_line(recording, position)
    done = len(backward.gradients) if position.nodes is None else position.nodes
    if done <= 1:
        return previous_line(recording, position)
    return Position(position.lines, done - 1)


def subject(recording: Recording, tensor: str | None) -> Position:
    """Where there is most to see: after the last backward pass, or where a tensor was made last.

    Without either, where the last graph was made; without any graph the end. Only the last lines
    of a long recording are looked at.
    """
    moments = recording.moments
    last = range(len(moments), max(len(moments) - SEARCH_LIMIT, 0), -1)
    deep = deep_passes(recording)
    if tensor is not None:
        for root in (True, False):
            known: dict[int, bool] = {}
            for lines in last:
                graph = moments[lines - 1].graph
                if graph is not None and graph not in known:
                    known[graph] = _has(recording.graphs[graph], tensor, root=root)
                if graph is not None and known[graph]:
                    return Position(lines)
    elif deep:
        return in_pass(recording, deep[-1].number)
    found = (lines for lines in last if moments[lines - 1].graph is not None)
    return Position(next(found, len(moments)))


def in_pass(recording: Recording, number: int) -> Position:
    """Return the position after the backward pass of a number, which must have lines."""
    window = window_of(recording, number)
    if window is None:
        raise LookupError(f"pass {number} has no lines")
    lines = backward_in(recording, window)
    return Position(window.end if lines is None else lines)


def end(recording: Recording) -> Position:
    """Return the position after the last executed line."""
    return Position(len(recording.moments))


def inside(recording: Recording, lines: int, nodes: int) -> Position:
    """Return the position where so many nodes of a line's backward pass have run."""
    backward = backward_at(recording, Position(lines))
    if backward is None or nodes >= len(backward.gradients):
        # All nodes of a pass are run: the same position as after the line, but for its last node
        # being the current one, which `None` says as well.
        return Position(lines)
    return Position(lines, nodes)


def same_operations(one: Graph, other: Graph) -> bool:
    """Return whether two graphs have the same operations in the same order."""
    return (
        len(one.nodes) == len(other.nodes)
        and one.edges == other.edges
        and all(a.op == b.op for a, b in zip(one.nodes, other.nodes, strict=True))
    )


def _pass_of(recording: Recording, backward: int | None) -> tuple[NodeGradient, ...]:
    return () if backward is None else recording.backwards[backward].gradients


def _passes_around(recording: Recording, position: Position) -> tuple[Moment | None, int | None]:
    """The latest line before a position that ran a pass, and the index of the next pass after it.

    Only lines that have followed one another, and the rest of the window, are looked at.
    """
    moments, lines = recording.moments, position.lines
    before = (moments[i] for i in range(lines - 1, reach(recording, lines, SEARCH_LIMIT) - 1, -1))
    latest = next((moment for moment in before if moment.backward is not None), None)
    if latest is not None and latest.backward is not None:
        ahead = latest.backward + 1
        return latest, ahead if ahead < len(recording.backwards) else None
    end = min(lines + SEARCH_LIMIT, len(moments))
    if lines < end:
        end = min(end, window_at(recording, lines).end)
    following = (moments[i].backward for i in range(lines, end))
    return None, next((number for number in following if number is not None), None)


def _has(graph: Graph, tensor: str, *, root: bool) -> bool:
    """Whether a tensor of that name is the root, or anything, of a graph."""
    nodes = [graph.nodes[root] for root in graph.roots] if root else graph.nodes
    return any(node.name == tensor for node in nodes)
