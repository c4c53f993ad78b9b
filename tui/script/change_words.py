"""What became different, in words: beside a tensor, in a node's details, in a heading."""

from __future__ import annotations

from collections.abc import Iterator

from engine.autograd.graph import Graph, NodeGradient
from engine.autograd.values import Value, shape_text
from engine.recording.differences import Differences, TensorChange, What
from tui.script.value_text import short

MARK = "≠"
"""Stands at what differs from the original."""
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


def was_value(change: TensorChange, width: int) -> str:
    """Return what a tensor's value was, in a few words; empty where it is the same."""
    before = change.before
    if before is None:
        return "new"
    if "shape" in change.what:
        return f"was {shape_text(before.shape)} {before.dtype}"
    return f"was {short(before.value, width - 4)}" if "value" in change.what else ""


def was_grad(change: TensorChange, width: int) -> str:
    """Return what a tensor's `.grad` was; empty where it is the same."""
    if change.before is None or "grad" not in change.what:
        return ""
    grad = change.before.grad
    return "grad was None" if grad is None else f"grad was {short(grad, width - 9)}"


def was_flags(change: TensorChange) -> str:
    """Return which flags of a tensor were others: `was requires_grad=False`."""
    before = change.before
    if before is None:
        return ""
    found = [f"{flag}={getattr(before, flag)}" for flag in FLAGS if flag in change.what]
    return f"was {', '.join(found)}" if found else ""


def was_of_node(
    before: Value | None, gradient: NodeGradient | None, width: int, *, value: bool, arrived: bool
) -> Iterator[str]:
    """Yield what the forward value and the gradient of a node were, where they differ.

    `value` and `arrived` say which of them differ.
    """
    if value:
        yield f"{MARK} value was {short(before, width - 12)}"
    if arrived and gradient is not None:
        leaf = gradient.grad_after is not None
        shown = gradient.grad_after if leaf else next(iter(gradient.incoming), None)
        label = ".grad was" if leaf else "gradient in was"
        yield f"{MARK} {label} {short(shown, width - len(label) - 3)}"
