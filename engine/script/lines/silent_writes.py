"""Silent writes: changed content that autograd's version counter did not see.

A write through `.data` or `.detach().numpy()` leaves `_version` as it was. That is harmless in
itself (it was once the way to update a weight), and wrong where a graph had saved the old
content: its backward pass computes with the new one, and nothing warns. Here the content of
saved tensors is compared with what it was when their node was made. Where the memory itself was
freed meanwhile, nothing can be said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.notes import NOTE_KEY, Note, SavedAt
from engine.autograd.quiet import (
    address_of,
    count,
    is_readable,
    quiet,
    storage_key,
    version_of,
)
from engine.autograd.saved_tensors import FreedError, saved_of
from engine.autograd.summary import EXACT_LIMIT, quiet_fingerprint
from engine.recording.journal import Journal
from engine.recording.records import SilentWrite

_STATISTICS = ("running_mean", "running_var")
"""Batch normalisation changes these unseen, and does not use them while training."""


@dataclass(frozen=True, slots=True)
class Stale:
    """A saved tensor whose content is no longer what it was when it was saved."""

    position: int
    """The position of the node that saved the tensor."""
    address: int
    label: str
    since: int
    """The number of lines that had run when it was saved."""


@dataclass(frozen=True, slots=True)
class Write:
    """A tensor that was found silently changed."""

    name: str
    address: int
    tracked: bool


NODES_LIMIT = 500
"""Nodes between two backward passes whose saved tensors are watched."""
ELEMENTS_LIMIT = 4_000_000
"""Elements that are read for it, once when they are saved and once when they are used."""


@dataclass
class _Allowance:
    """What may still be looked at until the next backward pass."""

    nodes: int
    elements: int


class Fingerprints:
    """Of what nodes save while a graph is made, and again when a backward pass uses it."""

    def __init__(self, nodes: int = NODES_LIMIT, elements: int = ELEMENTS_LIMIT) -> None:
        """At most so many nodes and elements are looked at for one backward pass."""
        self._nodes, self._elements = nodes, elements
        self._making = _Allowance(nodes, elements)

    def of(self, node: AutogradNode) -> tuple[dict[str, object], dict[str, SavedAt]]:
        """A fingerprint of every saved tensor that backward will use, and where it is.

        Both by name. Some are missing when much has been looked at since the last backward pass;
        of a large tensor only a sample counts. Call it under `quiet`.
        """
        if not self._making.nodes:
            return {}, {}
        self._making.nodes -= 1
        tensors = list(_tensors(node))
        kept = {
            name: SavedAt(address_of(tensor), version_of(tensor), storage_key(tensor))
            for name, tensor in tensors
            if is_readable(tensor)
        }
        return {name: print_ for name, _, print_ in _prints(tensors, {}, self._making)}, kept

    def stale(self, nodes: Sequence[AutogradNode]) -> list[Stale]:
        """The saved tensors of these nodes that have changed silently since they were saved.

        Called when a backward pass begins. In a graph of too many nodes none is found.
        """
        self._making = _Allowance(self._nodes, self._elements)
        if len(nodes) > self._nodes:
            return []
        with quiet():
            return _stale(nodes, _Allowance(self._nodes, self._elements))


def _stale(nodes: Sequence[AutogradNode], using: _Allowance) -> list[Stale]:
    found = []
    known: dict[int, tuple[torch.Tensor, object]] = {}
    for position, node in enumerate(nodes):
        note: Note | None = node.metadata.get(NOTE_KEY)
        if note is None or not note.fingerprints:
            continue
        for name, tensor, print_ in _prints(_tensors(node), known, using):
            before = note.fingerprints.get(name)
            if None in (before, print_) or _is_refilled(tensor, note.kept.get(name)):
                continue
            if before != print_:
                label = f"{name} of {note.expression or node.name()}"
                found.append(Stale(position, address_of(tensor), label, note.since))
    return found


def _is_refilled(tensor: torch.Tensor, kept: SavedAt | None) -> bool:
    """Whether the memory of the tensor's storage has been freed, and other memory given to it.

    So do sharded modules with the weights they gather, between forward and backward: the content
    is theirs to bring back, and may be on its way.
    """
    return (
        kept is not None
        and kept.storage == storage_key(tensor)
        and kept.address != address_of(tensor)
    )


@dataclass
class _Entry:
    moment: int
    line: int
    write: Write
    harmful: bool = False


class Blame:
    """Keeps the silent writes of a script, and finds the guilty ones when harm is done."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._entries: dict[int, list[_Entry]] = {}
        """By the number of lines that had run."""

    def judge(
        self, line: int, writes: Iterable[Write], wrong: Iterable[Stale]
    ) -> tuple[SilentWrite, ...]:
        """The silent writes to show at the line that has just run.

        `writes` were found after it, `wrong` is what its backward passes used. Earlier lines
        get their share of the blame in the journal.
        """
        now = self._journal.moment_count
        entries = [_Entry(now, line, write) for write in writes]
        if entries:
            self._entries[now] = entries
        guilty: list[_Entry] = []
        for one in wrong:
            guilty += self._guilty(one) or self._unexplained(one, now, line)
        for entry in guilty:
            entry.harmful = True
        for moment in sorted({entry.moment for entry in guilty} - {now}):
            self._journal.blame(moment, self._shown(moment))
        return self._shown(now)

    def _guilty(self, wrong: Stale) -> list[_Entry]:
        return [
            entry
            for moment, entries in self._entries.items()
            for entry in entries
            if moment >= wrong.since and entry.write.address == wrong.address
        ]

    def _unexplained(self, wrong: Stale, now: int, line: int) -> list[_Entry]:
        entry = _Entry(now, line, Write(wrong.label, wrong.address, tracked=True))
        self._entries.setdefault(now, []).append(entry)
        return [entry]

    def _shown(self, moment: int) -> tuple[SilentWrite, ...]:
        """Only tensors that require grad, or that did harm, are worth showing."""
        return tuple(
            SilentWrite(entry.write.name, entry.line, entry.harmful)
            for entry in self._entries.get(moment, ())
            if entry.write.tracked or entry.harmful
        )


def _tensors(node: AutogradNode) -> Iterator[tuple[str, torch.Tensor]]:
    try:
        contents = saved_of(node)
    except FreedError:
        return
    for name, content in contents:
        if isinstance(content, torch.Tensor):
            if name in _STATISTICS and getattr(node, "_saved_training", False):
                continue
            yield name, content


def _prints(
    tensors: Iterable[tuple[str, torch.Tensor]],
    known: dict[int, tuple[torch.Tensor, object]],
    allowance: _Allowance,
) -> Iterator[tuple[str, torch.Tensor, object]]:
    """`known` has the prints already taken, by the `id` of the tensor it keeps alive."""
    for name, tensor in tensors:
        if id(tensor) not in known:
            size = min(count(tensor), EXACT_LIMIT)
            if size > allowance.elements:
                continue
            allowance.elements -= size
            known[id(tensor)] = tensor, quiet_fingerprint(tensor)
        yield name, tensor, known[id(tensor)][1]
