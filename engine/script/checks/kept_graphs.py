"""Which pass ran through a node, and what keeps the graphs of passes that are over alive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.capture import Walk
from engine.autograd.graph import LEAF_OP, Graph
from engine.autograd.notes import NOTE_KEY, Note
from engine.autograd.quiet import node_of
from engine.autograd.saved_tensors import Kept
from engine.recording.findings import Finding
from engine.script.checks.places import Place, Places
from engine.script.checks.words import Words

RAN_KEY = "linreg-tui ran"
"""The key of the `Ran` in the metadata of a node that a recorded pass went through."""
KEPT_KEY = "linreg-tui kept"
"""The same, where the pass has kept its graph."""
SEARCHED = 200
"""Most nodes between a tensor and the passes that it may still hold."""


class Ran(NamedTuple):
    """The pass that went through a node."""

    number: int
    place: Place
    """The line that ran it."""
    name: str | None
    """What the node's output was called then."""


def mark(walked: Walk, graph: Graph, number: int, place: Place) -> None:
    """Leave a mark on all nodes of a pass but the leaves, which live on.

    Another one where the pass has kept its graph, as for a second derivative: it is still to be
    used.
    """
    key = KEPT_KEY if _is_kept(walked) else RAN_KEY
    for node, record in zip(walked.nodes, graph.nodes, strict=True):
        if not record.is_leaf:
            node.metadata.setdefault(key, Ran(number, place, record.name))


class KeptGraphs:
    """Watches what the tensors in scope hold from pass to pass."""

    def __init__(self) -> None:
        self._before: dict[str, frozenset[int]] = {}
        """By name, the passes that a tensor has held before."""

    def look(self, scope: Mapping[str, torch.Tensor], places: Places) -> Iterator[Finding]:
        """Yield names whose tensors hold what they held before and more: sums that grow.

        One that is computed anew each time from what passes have gone through holds no more than
        these.
        """
        before, self._before = self._before, {}
        for name, tensor in scope.items():
            node = node_of(tensor)
            if node is None or RAN_KEY in node.metadata:
                continue
            held = _held(node)
            numbers = self._before[name] = frozenset(ran.number for ran in held)
            known = before.get(name, frozenset())
            if known and known < numbers:
                yield from _kept(name, node, held, places)


def _kept(
    name: str,
    node: AutogradNode,
    held: list[Ran],
    places: Places,
) -> Iterator[Finding]:
    note: Note | None = node.metadata.get(NOTE_KEY)
    place = places.named(note.line, note.file) if note else None
    if place is not None and note is not None:
        last = max(held, key=lambda ran: ran.number)
        added = last.name or "what is added"
        number_of = f"`{last.name}.item()` or `{last.name}.detach()`"
        alone = number_of if last.name else "with `.item()` or `.detach()`"
        yield Words(
            f"{name} keeps the graphs of all passes so far alive: "
            f"`{note.expression or place.text}`, {place.said}.",
            f"{added} still has its history, and so has every sum of it; memory grows pass by "
            "pass, though backward is done with them.",
            f"Add the number alone: {alone}.",
            place,
        ).finding("kept graph")


def _is_kept(walked: Walk) -> bool:
    """Whether what the nodes had saved is still there after the pass."""
    for node in walked.nodes:
        kept = Kept.of(node)
        if kept.freed:
            return False
        if kept.tensors():
            return True
    return False


def _held(node: AutogradNode) -> list[Ran]:
    """The nearest nodes behind one that a pass has gone through."""
    found: list[Ran] = []
    seen, stack = {node}, [node]
    while stack and len(seen) < SEARCHED:
        for source, _ in stack.pop().next_functions:
            if source is None or source in seen or type(source).__name__ == LEAF_OP:
                continue
            seen.add(source)
            ran: Ran | None = source.metadata.get(RAN_KEY)
            if ran is None:
                stack.append(source)
            else:
                found.append(ran)
    return found
