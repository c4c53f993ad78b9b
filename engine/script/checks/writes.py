"""Which line wrote into which memory: the culprit where backward refuses a changed tensor."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.function import BackwardCFunction

from engine.autograd.backward_order import AutogradNode
from engine.autograd.notes import NOTE_KEY, Note
from engine.autograd.quiet import address_of, quiet, version_of
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
    expression: str | None


class WriteLog:
    """Remembers changes in place by the memory that they changed, the latest `WRITES_LIMIT`."""

    def __init__(self) -> None:
        self._writes: dict[int, list[InPlaceWrite]] = {}
        self._count = 0

    def add(self, written: Any, place: Place, expression: str | None) -> None:
        """A call has written to a tensor, or to all in a list; call it under `quiet`."""
        for tensor in _tensors(written):
            if self._count >= WRITES_LIMIT:
                self._writes.clear()
                self._count = 0
            self._count += 1
            write = InPlaceWrite(version_of(tensor), place, expression)
            before = self._writes.setdefault(address_of(tensor), [])
            if before and before[-1].version >= write.version:
                before.clear()  # versions of one tensor grow: its memory is another one's now
            before.append(write)

    def only(self, version: int, expected: int) -> tuple[int, InPlaceWrite] | None:
        """Return the first write after an expected version to the only memory of a version.

        And the memory's address; None where there are several such, or none.
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


def instead_of(write: InPlaceWrite, saver: str, name: str | None) -> str:
    """Return what to write in place of a write, whose tensor has a name or none."""
    text = write.place.text
    if ".step(" in text:
        return (
            f"Call every backward before `{text}`, or compute what needs {name or 'it'} again "
            "after it."
        )
    out_of_place = _out_of_place(text)
    if out_of_place:
        return f"Write `{out_of_place}`: a new tensor, and {saver} keeps the old one."
    if is_hidden(text):
        return f"Leave out `inplace=True`: {saver} keeps the old tensor, and this makes a new one."
    what = name or "the tensor"
    return f"Change a copy, `{name or 't'}.clone()`, or change {what} after backward."


def is_hidden(text: str) -> bool:
    """Whether a statement does not look as if it changed anything: a call in it does."""
    try:
        (statement,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        return text.startswith("return ")  # outside of its function it is no Python
    if not isinstance(statement, ast.Assign | ast.Return | ast.Expr):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    calls = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
    plain = all(isinstance(target, ast.Name) for target in targets)
    return plain and not any(
        isinstance(one, ast.Attribute) and (one.attr.endswith("_") or one.attr in STEPS)
        for one in calls
    )


STEPS = ("step", "zero_grad", "backward", "copy", "fill", "set")
"""Methods that are called to change something."""


def target_of(text: str) -> str | None:
    """Return the name that a changing statement writes to: `g` of `g += 1`; None for none."""
    try:
        (statement,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None
    target: ast.AST | None = None
    if isinstance(statement, ast.AugAssign):
        target = statement.target
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        in_place = isinstance(called, ast.Attribute) and called.attr.endswith("_")
        target = called.value if isinstance(called, ast.Attribute) and in_place else None
    elif isinstance(statement, ast.Assign):
        target = statement.targets[0]
    while isinstance(target, ast.Subscript):
        target = target.value
    return ast.unparse(target) if target is not None else None


def _out_of_place(text: str) -> str | None:
    """A changing statement as one that makes a new tensor; None where there is none so simple."""
    try:
        (statement,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        target = statement.target.id
        new = ast.BinOp(ast.Name(target), statement.op, statement.value)
        return f"{target} = {ast.unparse(new)}"
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        owner, method = call.func.value, call.func.attr
        simple = isinstance(owner, ast.Name) and method.endswith("_") and not method.endswith("__")
        if simple and method not in ("zero_", "copy_", "fill_"):
            call.func.attr = method[:-1]
            return f"{ast.unparse(owner)} = {ast.unparse(call)}"
    return None


def _tensors(written: Any) -> Iterator[torch.Tensor]:
    if isinstance(written, torch.Tensor):
        yield written
    elif isinstance(written, list | tuple):
        for part in written[:TENSORS_LIMIT]:
            if isinstance(part, torch.Tensor):
                yield part
