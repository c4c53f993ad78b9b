"""Which backward pass is shown: the one a lesson is about or the last, by number, of a tensor.

Of a long recording only what is shown is read, from its end.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.autograd.graph import Backward, Graph
from engine.recording.records import Moment, Recording
from tui.config.errors import UsageError


@dataclass(frozen=True, slots=True, eq=False)
class ChosenGraph:
    """A backward pass, or a graph without one, and where in the run that was."""

    backward: Backward
    number: int | None = None
    """The number of the pass, from 0; None for a graph without one."""
    passes: int = 0
    """How many passes have ended in the whole run, as far as that is known."""
    loss: float | None = None
    """The loss of the pass; None where it is not known, or has several elements."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """The loop variables around the pass, as text."""


def choose(
    recording: Recording, number: int | None, tensor: str | None, about: int | None = None
) -> ChosenGraph | None:
    """Return the pass of a number, else the last one, else the last computed tensor's graph.

    Of a tensor where one is named. The pass at the index `about` comes before the last one. None
    where there is none; raises UsageError where the pass of the number has no lines.
    """
    if number is not None:
        return _of_pass(recording, number, tensor)
    backwards, graphs = recording.backwards, recording.graphs
    first = () if about is None else range(about, min(about + 1, len(backwards)))
    for index in (*first, *reversed(range(len(backwards)))):
        if _is_of(backwards[index].graph, tensor):
            return _shown(recording, backwards[index], _moment_of(recording, index))
    leaf: Graph | None = None
    for graph in (graphs[index] for index in reversed(range(len(graphs)))):
        if _is_of(graph, tensor):
            if not graph.nodes[0].is_leaf:
                return ChosenGraph(Backward(graph, ()))
            leaf = leaf or graph
    return ChosenGraph(Backward(leaf, ())) if leaf else None


def _of_pass(recording: Recording, number: int, tensor: str | None) -> ChosenGraph | None:
    moments = [moment for moment in _moments_of(recording, number) if moment.number == number]
    ran = [moment for moment in moments if moment.backward is not None]
    if not ran:
        raise UsageError(_not_there(recording, number))
    for moment in ran:
        backward = recording.backwards[moment.backward or 0]
        if _is_of(backward.graph, tensor):
            return _shown(recording, backward, moment)
    for moment in moments:
        if moment.graph is not None and _is_of(recording.graphs[moment.graph], tensor):
            return ChosenGraph(Backward(recording.graphs[moment.graph], ()))
    return None


def _is_of(graph: Graph, tensor: str | None) -> bool:
    """Whether there is a graph, which damage may have taken, and its root has the name."""
    if not graph.nodes:
        return False
    return tensor is None or any(graph.nodes[root].name == tensor for root in graph.roots)


def _moments_of(recording: Recording, number: int) -> Iterator[Moment]:
    """The moments around a pass, from its end."""
    deep = recording.passes.deep_at(number)
    first, end = (deep.first, deep.end) if deep else (0, 0)
    if not recording.passes.deep:  # every line was recorded
        end = len(recording.moments)
    return (recording.moments[at] for at in reversed(range(first, end)))


def _moment_of(recording: Recording, index: int) -> Moment | None:
    """The moment of the line that ran a backward pass, sought from the end."""
    everything = [(0, len(recording.moments))]
    spans = [(deep.first, deep.end) for deep in recording.passes.deep] or everything
    for first, end in reversed(spans):
        for at in reversed(range(first, end)):
            moment = recording.moments[at]
            if moment.backward is not None and moment.backward <= index:
                return moment if moment.backward == index else None
    return None


def _shown(recording: Recording, backward: Backward, moment: Moment | None) -> ChosenGraph:
    if moment is None:
        return ChosenGraph(backward)
    passes, number = recording.passes, moment.number
    known = {name: str(value) for name, value in passes.variables(number).items()}
    return ChosenGraph(
        backward,
        number,
        max(passes.count or len(recording.backwards), number + 1),
        _loss(recording, backward.graph, number),
        known or dict(moment.variables),
    )


def _loss(recording: Recording, graph: Graph, number: int) -> float | None:
    loss = recording.passes.loss(number)
    if not math.isnan(loss):
        return loss
    value = graph.nodes[graph.roots[0]].value if graph.roots else None
    if value is None or len(value.numbers) != 1 or not value.whole:
        return None
    root = value.numbers[0]
    return None if isinstance(root, complex) else float(root)


def _not_there(recording: Recording, number: int) -> str:
    """Why there is nothing to show of a pass, and what there is instead."""
    deep = [one.number for one in recording.passes.deep]
    deep = deep or sorted({m.number for m in recording.moments if m.backward is not None})
    count = recording.passes.count or len(deep)
    if not count:
        return f"there is no pass {number:,}, nor any other"
    if number >= count:
        return f"there is no pass {number:,}: {_those_there(count)}"
    at = bisect.bisect(deep, number)
    near = " and ".join(f"{one:,}" for one in deep[max(at - 1, 0) : at + 1])
    are = "none is" if not near else f"the nearest are {near}" if " " in near else f"{near} is"
    return f"pass {number:,} was not recorded line by line ({are}); --when pass={number} records it"


def _those_there(count: int) -> str:
    return "the only one is 0" if count == 1 else f"they go from 0 to {count - 1:,}"
