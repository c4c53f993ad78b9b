"""Moving over a recording, both ways: pure functions from a position to a position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from engine.autograd.graph import Backward, Graph, NodeGradient
from engine.autograd.values import TensorView
from engine.recording.records import Moment, Recording


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


def backward_at(recording: Recording, position: Position) -> Backward | None:
    """Return the backward pass of the line executed last, if it ran one."""
    moment = moment_at(recording, position)
    if moment is None or moment.backward is None:
        return None
    return recording.backwards[moment.backward]


def passed(recording: Recording, position: Position) -> tuple[NodeGradient, ...]:
    """Return the gradients of the nodes that backward has run at a position."""
    shown = pass_at(recording, position)
    return shown.gradients[: shown.arrived]


class Scope(NamedTuple):
    """The tensors in scope at a position."""

    tensors: tuple[TensorView, ...] = ()
    changed: tuple[str, ...] = ()
    """The names that the latest line, or the pass it runs, has changed."""
    more: int = 0
    """How many tensors are in scope besides those that were read."""


class Pass(NamedTuple):
    """The backward pass through the graph at a position."""

    gradients: tuple[NodeGradient, ...] = ()
    """Of all nodes of the pass, in the order in which autograd runs them."""
    arrived: int = 0
    """How many of them are there at this position."""


def pass_at(recording: Recording, position: Position) -> Pass:
    """The pass that runs or has run through the graph here, else the one that will.

    A later pass counts only where it goes through the same operations: a drawing then has room
    for its gradients before they come.
    """
    backward = backward_at(recording, position)
    if backward is not None:
        total = len(backward.gradients)
        return Pass(backward.gradients, total if position.nodes is None else position.nodes)
    graph = graph_at(recording, position)
    if graph is None:
        return Pass()
    latest, ahead = _passes_around(recording, position)
    if latest is not None and latest.graph is graph:
        return Pass(latest.gradients, len(latest.gradients))
    return Pass(ahead.gradients) if ahead is not None and _alike(ahead.graph, graph) else Pass()


def graph_at(recording: Recording, position: Position) -> Graph | None:
    """Return the graph that the line executed last made or used; None without one."""
    moment = moment_at(recording, position)
    return None if moment is None or moment.graph is None else recording.graphs[moment.graph]


def scope_at(recording: Recording, position: Position) -> Scope:
    """The tensors at a position; inside a pass every leaf's `.grad` as far as the pass has come."""
    moment = moment_at(recording, position)
    if moment is None:
        return Scope()
    if position.nodes is None:
        return Scope(moment.tensors, moment.changed, moment.more)
    earlier = recording.moments[position.lines - 2] if position.lines > 1 else None
    before = earlier.tensors if earlier else ()
    backward = recording.backwards[moment.backward] if moment.backward is not None else None
    nodes = backward.graph.nodes if backward else ()
    filled = {
        nodes[gradient.node].name: gradient.grad_after
        for gradient in passed(recording, position)
        if nodes[gradient.node].is_leaf
    }
    tensors = tuple(
        replace(tensor, grad=filled[tensor.name]) if tensor.name in filled else tensor
        for tensor in before
    )
    changed = tuple(tensor.name for tensor in before if tensor.name in filled)
    return Scope(tensors, changed, earlier.more if earlier else 0)


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

    Without either, where the last graph was made; without any graph the end.
    """
    moments = recording.moments
    wishes: tuple[Callable[[Moment], bool], ...] = (
        lambda moment: tensor is not None and _has(recording, moment, tensor, root=True),
        lambda moment: tensor is not None and _has(recording, moment, tensor, root=False),
        lambda moment: tensor is None and moment.backward is not None,
        lambda moment: moment.graph is not None,
    )
    for found in wishes:
        lines = next((n for n in range(len(moments), 0, -1) if found(moments[n - 1])), None)
        if lines is not None:
            return Position(lines)
    return end(recording)


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


def _passes_around(
    recording: Recording, position: Position
) -> tuple[Backward | None, Backward | None]:
    """The latest pass before a position, and the next one after it."""
    ran = (moment.backward for moment in reversed(recording.moments[: position.lines]))
    latest = next((number for number in ran if number is not None), -1)
    passes = recording.backwards
    return (
        passes[latest] if latest >= 0 else None,
        passes[latest + 1] if latest + 1 < len(passes) else None,
    )


def _alike(one: Graph, other: Graph) -> bool:
    """Whether two graphs have the same operations in the same order."""
    return (
        len(one.nodes) == len(other.nodes)
        and one.edges == other.edges
        and all(a.op == b.op for a, b in zip(one.nodes, other.nodes, strict=True))
    )


def _has(recording: Recording, moment: Moment, tensor: str, *, root: bool) -> bool:
    """Whether a tensor of that name is the root, or anything, of the moment's graph."""
    if moment.graph is None:
        return False
    graph = recording.graphs[moment.graph]
    nodes = [graph.nodes[root] for root in graph.roots] if root else graph.nodes
    return any(node.name == tensor for node in nodes)
