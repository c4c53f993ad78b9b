"""Which line wrote into which memory: the culprit where backward refuses a changed tensor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch.autograd.function import BackwardCFunction

from engine.autograd.backward_order import AutogradNode
from engine.autograd.notes import NOTE_KEY, Note
from engine.autograd.quiet import address_of, quiet, version_of
from engine.script.checks.cuts import tensors_in
from engine.script.checks.places import Place

WRITES_LIMIT = 20_000
"""Most writes that are remembered."""
TENSORS_LIMIT = 10_000
"""Most tensors of one call that are looked at, as of an optimizer's step."""
UNCOUNTED = frozenset(
    {"__set__", "__setstate__", "requires_grad_", "detach_", "rename_", "share_memory_"}
)
"""What changes a tensor and no number of it: autograd counts no new version."""


@dataclass(frozen=True, slots=True)
class InPlaceWrite:
    """One change in place that autograd has counted."""

    version: int
    """The version that it made."""
    place: Place


class WriteLog:
    """Remembers changes in place by the memory that they changed, the latest `WRITES_LIMIT`."""

    def __init__(self) -> None:
        self._writes: dict[int, list[InPlaceWrite]] = {}
        self._count = 0

    def add(self, written: Any, place: Place) -> None:
        """A call has written to a tensor, or to all in a list; call it under `quiet`."""
        for tensor in tensors_in([written], TENSORS_LIMIT):
            if self._count >= WRITES_LIMIT:
                self._writes.clear()
                self._count = 0
            self._count += 1
            write = InPlaceWrite(version_of(tensor), place)
            before = self._writes.setdefault(address_of(tensor), [])
            if before and before[-1].version >= write.version:
                before.clear()  # versions of one tensor grow: its memory is another one's now
            before.append(write)

    def only(self, version: int, expected: int) -> tuple[int, InPlaceWrite] | None:
        """Return the only memory of a version, and the first write to it after an expected one.

        None where there are several such memories, or none.
        """
        found = [address for address, all_ in self._writes.items() if all_[-1].version == version]
        write = self.after(found[0], expected) if len(found) == 1 else None
        return None if write is None else (found[0], write)

    def after(self, address: int, version: int) -> InPlaceWrite | None:
        """Return the first write to a memory after it had a version; None where none was seen."""
        later = (one for one in self._writes.get(address, ()) if one.version > version)
        return next(later, None)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a node had saved and somebody has changed since."""

    note: Note
    op: str
    name: str
    write: InPlaceWrite | None
    address: int
    node: AutogradNode


def changed(nodes: Iterator[AutogradNode], log: WriteLog) -> Changed | None:
    """Return the first thing saved by the nodes that autograd would refuse to use now."""
    with quiet():
        for node in nodes:
            note: Note = node.metadata.get(NOTE_KEY) or Note()
            for attribute in dir(type(node)):
                if attribute.startswith("_saved_") and _is_refused(node, attribute):
                    name = attribute.removeprefix("_saved_")
                    kept = note.kept.get(name)
                    write = log.after(kept.address, kept.version) if kept else None
                    address = kept.address if kept else 0
                    return Changed(note, type(node).__name__, name, write, address, node)
            if isinstance(node, BackwardCFunction) and _is_refused(node, "saved_tensors"):
                return Changed(note, type(node).__name__, "", None, 0, node)
    return None


def _is_refused(node: AutogradNode, attribute: str) -> bool:
    try:
        getattr(node, attribute)
    except RuntimeError as error:
        return "modified by an inplace operation" in str(error)
    return False
