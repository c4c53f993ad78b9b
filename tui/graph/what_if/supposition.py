"""What is supposed of one pass, in a record and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.autograd.graph import Backward, Node, NodeGradient
from engine.autograd.values import Value, number_text, shape_text, value_text
from engine.recording.records import Recording
from engine.script.interventions import Change, Intervention
from tui.graph.what_if.typed import gradient_change
from tui.script.player import Player
from tui.script.position import line_of_pass

WHOLE = 30
"""Replaced numbers are written out in so many characters, else their shape is."""


@dataclass(frozen=True)
class Supposition:
    """One change of a run, and how it is called in a heading."""

    change: Change
    words: str
    """As `what if: gradient into Pow × 2`; it may hold control characters."""


class Passing(NamedTuple):
    """The backward pass that has gone through the graph on the screen."""

    recording: Recording
    lines: int
    """How many lines lie behind when it has run."""
    number: int
    """The number of the pass, from 0."""
    backward: Backward

    def gradient(self, node: int) -> NodeGradient | None:
        """Return the gradients of a node; None where the pass has not come to it."""
        return next((one for one in self.backward.gradients if one.node == node), None)


def passing(player: Player) -> Passing:
    """Return the pass at a player's position; raises ValueError with one line without one."""
    recording = player.recording
    lines = None if recording is None else line_of_pass(recording, player.position)
    if recording is None or lines is None:
        raise ValueError("nothing has gone backward through this graph yet: s goes into a pass")
    moment = recording.moments[lines - 1]
    assert moment.backward is not None
    return Passing(recording, lines, moment.number, recording.backwards[moment.backward])


def incoming(run: Passing, node: Node) -> tuple[Value, ...]:
    """Return the gradients that come into a node; raises ValueError with one line without any."""
    gradient = run.gradient(node.id)
    found = tuple(one for one in gradient.incoming if one is not None) if gradient else ()
    if not found:
        raise ValueError("no gradient comes into this node")
    return found


def supposed(text: str, run: Passing, node: Node) -> Supposition:
    """Return what is typed of the gradient into a node; raises ValueError with one line."""
    gradients = incoming(run, node)
    kind, numbers = gradient_change(text, gradients[0].shape)
    if kind == "replace" and len(gradients) > 1:
        raise ValueError(f"{len(gradients)} gradients come into this node: only *2 and 0")
    change = Intervention(run.number, node.id, kind, numbers)
    return Supposition(
        change, f"what if: gradient into {node.title} {_words(change, gradients[0])}"
    )


def agrees(change: Intervention, before: NodeGradient, after: NodeGradient) -> bool:
    """Return whether the gradient that came into a node is what was supposed of it."""
    return all(
        _agrees(change, one, other)
        for one, other in zip(before.incoming, after.incoming, strict=True)
        if one is not None and other is not None
    )


def _agrees(change: Intervention, before: Value, after: Value) -> bool:
    if change.kind == "zero":
        return after.is_zero
    if not (before.whole and after.whole):
        return True  # too large to be compared
    wanted = [complex(one) for one in before.numbers]
    if change.kind == "scale":
        wanted = [one * change.numbers[0] for one in wanted]
    else:
        wanted = [complex(one) for one in change.numbers]
    return all(
        one == other or abs(one - other) <= 1e-2 * abs(one) or one != one or abs(one) > 1e30
        for one, other in zip(wanted, map(complex, after.numbers), strict=True)
    )


def _words(change: Intervention, gradient: Value) -> str:
    if change.kind == "zero":
        return "= 0"
    if change.kind == "scale":
        return f"× {number_text(change.numbers[0], 6)}"
    shape = gradient.shape
    text = value_text(Value(shape, gradient.dtype, change.numbers, shape))
    return f"= {text if len(text) <= WHOLE else f'other {shape_text(shape)} numbers'}"
