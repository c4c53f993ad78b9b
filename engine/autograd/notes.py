"""Notes on graph nodes: what was seen of an operation while it ran, kept in the node's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.autograd.backward_order import AutogradNode
from engine.autograd.values import Value

NOTE_KEY = "linreg-tui"
"""Where a node's metadata holds its `Note`: it lives and dies with the node itself."""


@dataclass(frozen=True, slots=True)
class Note:
    """What was seen when a node was made: `engine.script.torch_calls` leaves it on the node."""

    value: Value | None = None
    """Its output; None for a node inside an operation made of several."""
    expression: str | None = None
    line: int | None = None
    module: str | None = None
    fingerprints: Mapping[str, object] = field(default_factory=dict)
    """Of every saved tensor by name, as `engine.autograd.saved_tensors.fingerprint` makes them."""
    since: int = 0
    """How many lines of the script had run."""


def note_of(node: AutogradNode) -> Note | None:
    """The note that was left on a node; None where nobody recorded the operation."""
    note: Note | None = node.metadata.get(NOTE_KEY)
    return note
