"""Notes on graph nodes: what was seen of an operation while it ran, kept in the node's metadata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.graph import Saved
from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import grad_fn, version_of
from engine.autograd.values import Value
from engine.quick_records import quickly_made

NOTE_KEY = "linreg-tui"
"""The key of the `Note` in a node's metadata, which lives and dies with the node."""


class SavedAt(NamedTuple):
    """Where a saved tensor was when its node was made, and of which version."""

    address: int
    version: int
    storage: int
    """The key of its storage, by which one that was freed and refilled is recognised."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Note:
    """An operation as it was when its node was made, left by `engine.script.lines.node_notes`."""

    value: Value | None = None
    """The node's output; None for a node inside an operation made of several."""
    expression: str | None = None
    line: int | None = None
    file: str | None = None
    """The file of the line; None where it is the script itself."""
    callers: tuple[str, ...] = ()
    """The lines of the user's own that called it, outermost first: `train.py:21  model(x)`."""
    module: str | None = None
    fingerprints: Mapping[str, object] = field(default_factory=dict)
    """A fingerprint of every saved tensor by name, from `engine.script.lines.silent_writes`."""
    kept: Mapping[str, SavedAt] = field(default_factory=dict)
    """Where every saved tensor that can be read was, by name, from the same."""
    since: int = 0
    """The number of lines of the script that had run."""
    output: OwnRef | None = None
    """The tensor that `value` was read of, for as long as it lives."""
    version: int = 0
    """Its version then."""
    number: int = 0
    """Which of the node's outputs it is."""
    written: tuple[Saved, ...] = ()
    """What was seen of an assignment to a part, which the node itself does not tell."""

    # Neither by `dataclasses.replace`, which takes many times as long, for thousands of nodes.

    def of_output(self, value: Value, output: OwnRef, version: int, number: int) -> Note:
        """Return the note of the node that made the operation's output."""
        here = (self.expression, self.line, self.file, self.callers, self.module)
        return Note(value, *here, self.fingerprints, self.kept, self.since, output, version, number)

    def with_saved(self, fingerprints: Mapping[str, object], kept: Mapping[str, SavedAt]) -> Note:
        """Return the note with what was seen of what the node has saved."""
        here = (self.expression, self.line, self.file, self.callers, self.module)
        now = (self.since, self.output, self.version, self.number, self.written)
        return Note(self.value, *here, fingerprints, kept, *now)


def notes_of(nodes: Iterable[AutogradNode]) -> dict[AutogradNode, Note]:
    """Return the note of every node; an empty one where nobody recorded the operation."""
    return {node: node.metadata.get(NOTE_KEY) or _EMPTY for node in nodes}


def noted_value(tensor: torch.Tensor) -> Value | None:
    """Return a tensor's value where it was noted and autograd has seen no change; under `quiet`."""
    node = grad_fn(tensor)
    note: Note | None = None if node is None else node.metadata.get(NOTE_KEY)
    if note is None or note.output is None or note.output() is not tensor:
        return None
    return note.value if note.version == version_of(tensor) else None


_EMPTY = Note()
