"""The tensors in scope at a position; inside a backward pass with every `.grad` as far as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from engine.autograd.values import TensorView, Value
from engine.ranks.drawn_reductions import Reduced
from engine.recording.records import Recording
from tui.script.position import Position, backward_at, moment_at
from tui.script.windows import window_at


class Scope(NamedTuple):
    """The tensors in scope at a position."""

    tensors: tuple[TensorView, ...] = ()
    changed: tuple[str, ...] = ()
    """The names that the latest line, or the pass it runs, has changed."""
    more: int = 0
    """How many tensors are in scope besides those that were read."""


def scope_at(recording: Recording, position: Position) -> Scope:
    """The tensors at a position; inside a pass every leaf's `.grad` as far as the pass has come."""
    moment = moment_at(recording, position)
    if moment is None:
        return Scope()
    if position.nodes is None:
        return Scope(moment.tensors, moment.changed, moment.more)
    # Of a window that begins with the pass, the state before it is that after it, but for .grad.
    begins = window_at(recording, position.lines - 1).first == position.lines - 1
    before = moment if begins else recording.moments[position.lines - 2]
    arrived, waiting = _grads(recording, position)
    filled = {**waiting, **arrived} if begins else arrived
    return Scope(
        tuple(
            replace(one, grad=filled[one.name]) if one.name in filled else one
            for one in before.tensors
        ),
        tuple(tensor.name for tensor in before.tensors if tensor.name in arrived),
        before.more,
    )


def _grads(
    recording: Recording, position: Position
) -> tuple[dict[str | None, Value | None], dict[str | None, Value | None]]:
    """The `.grad` of the leaves at which the running pass has arrived, and of the others."""
    backward = backward_at(recording, position)
    if backward is None:
        return {}, {}
    nodes, done = backward.graph.nodes, position.nodes or 0
    leaves = [
        (place < done, nodes[one.node].name, one)
        for place, one in enumerate(backward.gradients)
        if nodes[one.node].is_leaf
    ]
    reduced = {
        one.leaf: one.grad_after
        for one in backward.gradients[:done]
        if isinstance(one, Reduced) and one.within and one.grad_after is not None
    }
    return (
        {name: one.grad_after for arrived, name, one in leaves if arrived} | reduced,
        {name: one.grad_before for arrived, name, one in leaves if not arrived},
    )
