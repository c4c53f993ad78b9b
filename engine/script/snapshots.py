"""Pictures of the tensors in scope, line by line, and what changed in between.

A tensor that is the same as at the line before keeps its picture, so a line costs what it
changed. Content is compared exactly where it is small, by a checksum where it is larger, and
where it is large by identity, version and address alone. Reading large tensors is given a share of
the script's time; one that is changed more often has a corner and no summary.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count as counter
from time import perf_counter

import torch

from engine.autograd.quiet import (
    address_of,
    count,
    device,
    grad_fn,
    is_readable,
    listed,
    live_grad,
    quiet,
    requires_grad,
    sizes,
    version_of,
)
from engine.autograd.summary import quiet_fingerprint
from engine.autograd.tensor_reader import WHOLE_LIMIT, quiet_value_of, view_of
from engine.autograd.values import TensorView, Value
from engine.script.silent_writes import Write

CHECKSUM_LIMIT = 100_000
"""Tensors of more elements are not read again while autograd sees no change of them."""
CHECKED_LIMIT = 1_000_000
"""Elements that are read for checksums after one line; then all tensors count as large."""
READING_TIME = 1.0
"""Seconds that may be spent on reading large tensors at any time."""
READING_SHARE = 0.1
"""And what may be spent on it of the time that passes."""


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
        self._next_storage = counter().__next__
        self._reading = _Reading()

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
        self._reading.unchecked = CHECKED_LIMIT
        with quiet():
            for name, tensor in scope.items():
                old = before.get(name)
                now = self._keep(name, tensor, old)
                if now is None:
                    continue
                self._kept[name] = now
                if now is old:
                    continue
                changed.append(name)
                if old is not None and now.data.silently_after(old.data):
                    address = now.data.address
                    written.setdefault(address, Write(name, address, requires_grad(tensor)))
        views = tuple(kept.view for kept in self._kept.values())
        return Snapshot(views, tuple(changed), tuple(written.values()))

    def _keep(self, name: str, tensor: torch.Tensor, old: _Kept | None) -> _Kept | None:
        """The old picture where nothing differs; None where the tensor cannot even be asked."""
        try:
            return self._picture(name, tensor, old)
        # There are more kinds of tensors than can be known here (a wrapper may compute its own
        # shape), and none of them may become an error of the script.
        except Exception:
            return None

    def _picture(self, name: str, tensor: torch.Tensor, old: _Kept | None) -> _Kept:
        data = _Content.of(tensor, old.data if old else None, self._reading)
        live = live_grad(tensor)
        grad = None
        if live is not None:
            grad = _Content.of(live, old.grad if old else None, self._reading)
        node = grad_fn(tensor)
        flags = requires_grad(tensor), node is None or type(node)
        if (
            old is not None
            and old.data is data
            and old.grad is grad
            and old.flags[0] is flags[0]
            and old.flags[1] is flags[1]
        ):
            return old
        view = view_of(name, tensor, data.value, grad.value if grad else None, self._storage_id)
        return _Kept(data, grad, flags, view)

    def _storage_id(self, address: int) -> int:
        if address not in self._storages:
            self._storages[address] = self._next_storage()
        return self._storages[address]


class _Reading:
    """How much may still be read."""

    def __init__(self) -> None:
        self.unchecked = 0
        """Elements that checksums may still be taken of."""
        self._begun = perf_counter()
        self._spent = 0.0

    def value_of(self, tensor: torch.Tensor) -> Value:
        """The numbers of a large tensor, without a summary where its time is used up."""
        begun = perf_counter()
        allowed = READING_TIME + READING_SHARE * (begun - self._begun)
        value = quiet_value_of(tensor, summarised=self._spent <= allowed)
        self._spent += perf_counter() - begun
        return value


@dataclass(frozen=True, slots=True, eq=False)
class _Content:
    """What a tensor held, and by what that is recognised."""

    tensor: weakref.ref[torch.Tensor]
    version: int
    address: int
    mark: object
    value: Value
    device: torch.device

    @classmethod
    def of(cls, tensor: torch.Tensor, old: _Content | None, reading: _Reading) -> _Content:
        """`old` itself where nothing differs."""
        version, address = version_of(tensor), address_of(tensor)
        if old is not None and not old.is_of(tensor, version, address):
            old = None
        size = count(tensor)
        mark: object = None
        if size <= WHOLE_LIMIT:
            mark = listed(tensor) if is_readable(tensor) else None
            if old is not None and _same(old.mark, mark):
                return old
            value = quiet_value_of(tensor)
        elif size > CHECKSUM_LIMIT or size > reading.unchecked:
            if old is not None:
                return old
            value = reading.value_of(tensor)
        else:
            reading.unchecked -= size
            mark = quiet_fingerprint(tensor)
            if old is not None and (old.mark is None or old.mark == mark):
                return old
            value = quiet_value_of(tensor)
        return cls(weakref.ref(tensor), version, address, mark, value, device(tensor))

    def is_of(self, tensor: torch.Tensor, version: int, address: int) -> bool:
        """Whether it is this tensor's, and nothing says that it has changed."""
        return (
            self.tensor() is tensor
            and self.version == version
            and self.address == address
            and self.value.shape == sizes(tensor)
        )

    def silently_after(self, old: _Content) -> bool:
        """Whether the same tensor holds something else, and its version is as it was."""
        if self.tensor() is not old.tensor() or self.version != old.version:
            return False
        if self.value.dtype != old.value.dtype or self.device != old.device:
            return False  # as `model.double()` and `model.cuda()` do
        if self.mark is None or old.mark is None:
            return self.address != old.address
        return self.mark != old.mark


def _same(before: object, after: object) -> bool:
    # nan is unequal to itself, but its text is not.
    return before == after or repr(before) == repr(after)


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    data: _Content
    grad: _Content | None
    flags: tuple[bool, object]
    view: TensorView
