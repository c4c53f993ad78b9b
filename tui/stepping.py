"""Moving over a recording, both ways: pure functions from a place to a place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.graph import Backward, Graph, NodeGradient
from engine.moments import Moment, Recording


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands in a recording."""

    lines: int = 0
    """How many executed lines lie behind; 0 before the first."""
    nodes: int | None = None
    """Inside the last of them, a backward pass: how many nodes have run. None: all."""


def moment_at(recording: Recording, place: Place) -> Moment | None:
    """The latest executed line; None before the first."""
    return recording.moments[place.lines - 1] if place.lines else None


def current_line(recording: Recording, place: Place) -> int | None:
    """The source line that would run next, or inside a pass its own; None at the end."""
    if place.nodes is not None:
        return recording.moments[place.lines - 1].line
    if place.lines < len(recording.moments):
        return recording.moments[place.lines].line
    return None


def backward_at(recording: Recording, place: Place) -> Backward | None:
    """The backward pass of the latest executed line, if it ran one."""
    moment = moment_at(recording, place)
    if moment is None or moment.backward is None:
        return None
    return recording.backwards[moment.backward]


def passed(recording: Recording, place: Place) -> tuple[NodeGradient, ...]:
    """The nodes that have run in the pass at this place; after it, those of the latest pass."""
    backward = backward_at(recording, place)
    return backward.gradients[: place.nodes] if backward else ()


def graph_at(recording: Recording, place: Place) -> Graph | None:
    """The graph to look at here."""
    moment = moment_at(recording, place)
    return None if moment is None or moment.graph is None else recording.graphs[moment.graph]


def next_line(recording: Recording, place: Place) -> Place:
    """One executed line on; inside a pass first to its end."""
    if place.nodes is not None:
        return replace(place, nodes=None)
    return Place(min(place.lines + 1, len(recording.moments)))


def previous_line(recording: Recording, place: Place) -> Place:
    """One executed line back, out of a pass too."""
    return Place(max(place.lines - 1, 0))


def next_node(recording: Recording, place: Place) -> Place:
    """One node on inside a backward pass, into the pass of the next line, else the next line."""
    if place.nodes is not None:
        return _inside(recording, place.lines, place.nodes + 1)
    ahead = next_line(recording, place)
    if ahead == place:
        return place
    return _inside(recording, ahead.lines, 1)


def previous_node(recording: Recording, place: Place) -> Place:
    """One node back; from after a pass into its end, from its start to the line before."""
    backward = backward_at(recording, place)
    if backward is None or not backward.gradients:
        return previous_line(recording, place)
    done = len(backward.gradients) if place.nodes is None else place.nodes
    if done <= 1:
        return previous_line(recording, place)
    return Place(place.lines, done - 1)


def end(recording: Recording) -> Place:
    """After the last line."""
    return Place(len(recording.moments))


def _inside(recording: Recording, lines: int, nodes: int) -> Place:
    backward = backward_at(recording, Place(lines))
    if backward is None or nodes >= len(backward.gradients):
        # All nodes of a pass are run: the same place as after the line, but for its last node
        # being the current one, which `None` says as well.
        return Place(lines)
    return Place(lines, nodes)
