"""What became different, in words: beside a tensor, in a node's details, in a heading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.autograd.graph import Graph, NodeGradient
from engine.autograd.values import Value, shape_text
from engine.recording.differences import Differences, TensorChange, What
from tui.script.value_text import short

MARK = "≠"
"""Stands at what differs from the original."""
WAS = "was"
FLAGS: tuple[What, ...] = ("requires_grad", "is_leaf", "grad_fn", "device")


def nodes_heading(differs: Differences, graph: Graph | None) -> str:
    """Return at how many nodes a graph differs from the original; empty where at none."""
    if graph is None or not differs.nodes:
        return ""
    parts = []
    if differs.marked:
        parts.append(f"differs at {len(differs.marked)} of {len(graph.nodes)} nodes")
    if differs.gone:
        parts.append(f"{differs.gone} gone")
    return f"{MARK} {', '.join(parts)}"


class TensorWords(NamedTuple):
    """What differs of a tensor, in words; each is empty where that is the same."""

    change: TensorChange
    was: str = WAS
    """The word before what it is on the other side."""

    def value(self, width: int) -> str:
        """Return what its value was, or its shape and dtype."""
        before, what = self.change.before, self.change.what
        if before is None:
            return "new"
        if "shape" in what:
            return f"{self.was} {shape_text(before.shape)} {before.dtype}"
        room = width - len(self.was) - 1
        return f"{self.was} {short(before.value, room)}" if "value" in what else ""

    def grad(self, width: int) -> str:
        """Return what its `.grad` was."""
        before = self.change.before
        if before is None or "grad" not in self.change.what:
            return ""
        label = f"grad {self.was}"
        return f"{label} {short(before.grad, width - len(label) - 1) if before.grad else None}"

    def flags(self) -> str:
        """Return which of its flags were others: `was requires_grad=False`."""
        before, what = self.change.before, self.change.what
        found = [f"{flag}={getattr(before, flag)}" for flag in FLAGS if flag in what]
        return f"{self.was} {', '.join(found)}" if found else ""


def was_of_node(
    before: Value | None, gradient: NodeGradient | None, width: int, *, value: bool, arrived: bool
) -> Iterator[str]:
    """Yield what the forward value and the gradient of a node were, where they differ.

    `value` and `arrived` say which of them differ.
    """
    if value:
        yield f"value was {short(before, width - 12)}"
    if arrived and gradient is not None:
        leaf = gradient.grad_after is not None
        shown = gradient.grad_after if leaf else next(iter(gradient.incoming), None)
        label = ".grad was" if leaf else "gradient in was"
        yield f"{label} {short(shown, width - len(label) - 3)}"
