"""Pictures of the tensors in scope, line by line, and what changed in between.

A tensor that is the same as at the line before keeps its picture, so a line costs what it
changed. Content is compared exactly where it is small, by a checksum where it is larger, and
where it is large by identity, version and address alone.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

import torch

from engine.autograd.saved_tensors import fingerprint
from engine.autograd.tensor_reader import WHOLE_LIMIT, address_of, value_of, version_of, view_of
from engine.autograd.values import Number, TensorView, Value
from engine.script.silent_writes import Write

CHECKSUM_LIMIT = 100_000
"""Tensors of more elements are not read again while autograd sees no change of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The tensors in scope after one line."""

    views: tuple[TensorView, ...]
    changed: tuple[str, ...]
    """Names that the line bound to another tensor, or whose tensor or `.grad` it changed."""
    written: tuple[Write, ...]
    """Tensors whose content changed and whose version did not, once per memory."""


class Snapshots:
    """Takes one snapshot after another; holds no tensor alive."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._storages: dict[int, int] = {}
        self._next_storage = count().__next__

    def take(self, scope: Mapping[str, torch.Tensor]) -> Snapshot:
        """The tensors as they are now, compared with the last time."""
        before, self._kept = self._kept, {}
        # An address means the same memory only while a tensor lives there.
        self._storages = {
            kept.data.address: kept.view.storage
            for kept in before.values()
            if kept.data.tensor() is not None
        }
        changed: list[str] = []
        written: dict[int, Write] = {}
        with torch._C.DisableTorchFunction():
            for name, tensor in scope.items():
                old = before.get(name)
                now = self._keep(name, tensor, old)
                self._kept[name] = now
                if now is old:
                    continue
                changed.append(name)
                if old is not None and now.data.silently_after(old.data):
                    address = now.data.address
                    written.setdefault(address, Write(name, address, tensor.requires_grad))
        views = tuple(kept.view for kept in self._kept.values())
        return Snapshot(views, tuple(changed), tuple(written.values()))

    def _keep(self, name: str, tensor: torch.Tensor, old: _Kept | None) -> _Kept:
        """The old picture where nothing differs."""
        data = _Content.of(tensor, old.data if old else None)
        live_grad = None if tensor.grad_fn is not None and not tensor.retains_grad else tensor.grad
        grad = None if live_grad is None else _Content.of(live_grad, old.grad if old else None)
        flags = tensor.requires_grad, tensor.grad_fn is None or type(tensor.grad_fn)
        if old is not None and old.data == data and old.grad == grad and old.flags == flags:
            return old
        view = view_of(name, tensor, data.value, grad.value if grad else None, self._storage_id)
        return _Kept(data, grad, flags, view)

    def _storage_id(self, address: int) -> int:
        if address not in self._storages:
            self._storages[address] = self._next_storage()
        return self._storages[address]


@dataclass(frozen=True, slots=True, eq=False)
class _Content:
    """What a tensor held, and by what that is recognised."""

    tensor: weakref.ref[torch.Tensor]
    version: int
    address: int
    mark: object
    value: Value

    @classmethod
    def of(cls, tensor: torch.Tensor, old: _Content | None) -> _Content:
        """`old` itself where nothing differs."""
        version, address = version_of(tensor), address_of(tensor)
        if old is not None and not old.is_of(tensor, version, address):
            old = None
        size = tensor.numel()
        if size > CHECKSUM_LIMIT:
            if old is not None:
                return old
            mark, value = None, value_of(tensor)
        elif size > WHOLE_LIMIT:
            mark = fingerprint(tensor)
            if old is not None and old.mark == mark:
                return old
            value = value_of(tensor)
        else:
            value = value_of(tensor)
            mark = value.numbers
            if old is not None and _same(old.value.numbers, value.numbers):
                return old
        return cls(weakref.ref(tensor), version, address, mark, value)

    def is_of(self, tensor: torch.Tensor, version: int, address: int) -> bool:
        """Whether it is this tensor's, and nothing says that it has changed."""
        return (
            self.tensor() is tensor
            and self.version == version
            and self.address == address
            and self.value.shape == tensor.shape
        )

    def silently_after(self, old: _Content) -> bool:
        """Whether the same tensor holds something else, and its version is as it was."""
        if self.tensor() is not old.tensor() or self.version != old.version:
            return False
        return self.address != old.address if self.mark is None else self.mark != old.mark


def _same(before: tuple[Number, ...], after: tuple[Number, ...]) -> bool:
    # nan is unequal to itself, but its text is not.
    return before == after or repr(before) == repr(after)


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    data: _Content
    grad: _Content | None
    flags: object
    view: TensorView
