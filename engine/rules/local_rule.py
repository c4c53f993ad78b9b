"""One local rule as a record: in symbols, in numbers, and whether it agrees with autograd."""

from __future__ import annotations

from dataclasses import dataclass

from engine.autograd.values import Value

INPUTS_LIMIT = 64
"""Of a node with more inputs, as `cat` of a thousand tensors, so many have rules worked out."""


@dataclass(frozen=True, slots=True)
class LocalRule:
    """How one node turns its incoming gradient `g` into the gradient of one of its inputs."""

    input: int
    """The index of the input, as in the gradient's `outgoing`."""
    symbols: str
    """The formula, with autograd's names for saved values: `g · 2 · self`."""
    numbers: str
    """The same with this node's numbers; what is big or unknown stays a name."""
    predicted: Value | None
    """The gradient by the rule; None where a number it needs is missing."""
    result: Value
    """The gradient autograd produced; for a leaf its `.grad` afterwards."""
    agrees: bool | None
    """Whether the two are the same up to rounding; None where they cannot be compared."""
    note: str = ""
    """A remark on what the formula does not show; empty where there is none."""
