"""Pictures of the tensors in scope, line by line, and what changed in between.

A tensor that is the same as at the line before keeps its picture, so a line costs what it
changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import count as counter
from operator import is_

import torch

from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import (
    counted_version,
    grad_fn,
    live_grad,
    quiet,
    requires_grad,
    version_of,
)
from engine.autograd.tensor_reader import view_of
from engine.autograd.values import TensorView
from engine.quick_records import quickly_made
from engine.script.lines.silent_writes import Write
from engine.script.lines.tensor_content import (
    READING_SHARE,
    READING_TIME,
    KnownContents,
    ReadingLimits,
    TensorContent,
)


@quickly_made
@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The tensors in scope after one line."""

    views: tuple[TensorView, ...]
    changed: tuple[str, ...]
    """Names that the line bound to another tensor, or whose tensor or `.grad` it changed."""
    written: tuple[Write, ...]
    """Tensors whose content changed and whose version did not, once per memory."""


_Key = tuple[int, str]
"""How deep the call is that a variable is local to, 0 for the script's own; and its name."""


class Snapshots:
    """Takes one snapshot after another; holds no tensor alive."""

    def __init__(
        self, reading_time: float = READING_TIME, reading_share: float = READING_SHARE
    ) -> None:
        """`reading_time` in seconds, `reading_share` of the time that passes: see above."""
        self._before: dict[_Key, _Variable] = {}
        """What was kept at the line before."""
        self._kept: dict[_Key, _Variable] = {}
        self._storages: dict[int, int] = {}
        """The numbers of memory at addresses, as far as they have been asked at this line."""
        self._next_storage = counter().__next__
        self._reading = ReadingLimits(reading_time, reading_share)
        self._known = KnownContents()

    def take(
        self,
        variables: Mapping[str, Mapping[str, torch.Tensor]],
        *,
        check: bool = True,
        anew: bool = False,
        local: Collection[str] = (),
        depth: int = 0,
    ) -> Snapshot:
        """The tensors in variables, by their names, as they are now; compared with the last time.

        Variables that are `local` to a call are compared with those of the same call, which is
        the one that so many others (`depth`) are around; a name may mean another one elsewhere.
        Without `check` content is compared as long as the pass has not had many tensors compared;
        `anew`: a pass is over, and the next one has had none.
        """
        self._before = self._kept
        self._kept = {key: kept for key, kept in self._before.items() if key[0] < depth}
        self._storages = {}
        views: list[TensorView] = []
        changed: list[str] = []
        written: dict[int, Write] = {}
        self._reading.begin(check=check, anew=anew)
        if check or anew:
            self._known.clear()
        with quiet():
            for name, tensors in variables.items():
                key = (depth if name in local else 0), name
                now = self._kept[key] = self._look(tensors, key, changed, written)
                views += now.views
        return Snapshot(tuple(views), tuple(changed), tuple(written.values()))

    def _look(
        self,
        tensors: Mapping[str, torch.Tensor],
        key: _Key,
        changed: list[str],
        written: dict[int, Write],
    ) -> _Variable:
        """The tensors of a variable; what is other than it was is added to the last two."""
        old = self._before.get(key, _NOTHING)
        if self._reading.is_over and old.is_as_before(tensors):
            return old
        # What an inner call cannot reach stays for its caller, whose variable this is.
        kept = {**self._kept[key].kept} if key in self._kept else {}
        names: list[str] = []
        is_news = False
        for name, tensor in tensors.items():
            before = old.kept.get(name)
            now = self._keep(name, tensor, before)
            if now is None:
                continue
            kept[name] = now
            names.append(name)
            if now is before:
                continue
            is_news = True
            changed.append(name)
            if before is not None and now.data.silently_after(before.data):
                address = now.data.address
                written.setdefault(address, Write(name, address, requires_grad(tensor)))
        if is_news or len(kept) != len(old.kept) or (*names,) != old.names:
            return _Variable(kept, (*names,))
        return old

    def _keep(self, name: str, tensor: torch.Tensor, old: _Kept | None) -> _Kept | None:
        """The old picture where nothing differs; None where the tensor cannot even be asked."""
        try:
            return self._picture(name, tensor, old)
        # There are more kinds of tensors than can be known here (a wrapper may compute its own
        # shape), and none of them may become an error of the script.
        except Exception:
            return None

    def _picture(self, name: str, tensor: torch.Tensor, old: _Kept | None) -> _Kept:
        if old is not None and self._reading.is_over and old.is_as_before(tensor):
            return old
        data = TensorContent.of(tensor, old.data if old else None, self._reading, self._known)
        live = live_grad(tensor)
        grad = None
        if live is not None:
            grad = TensorContent.of(live, old.grad if old else None, self._reading, self._known)
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
            number = next(self._storages_before(address), None)
            self._storages[address] = self._next_storage() if number is None else number
        return self._storages[address]

    def _storages_before(self, address: int) -> Iterator[int]:
        """The number that memory had at an address, where a tensor still lives there.

        Without one the address means other memory now.
        """
        for variable in self._before.values():
            if address not in variable.addresses:
                continue
            for kept in variable.kept.values():
                if kept.data.address == address and kept.data.tensor() is not None:
                    yield kept.view.storage


@quickly_made
@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    data: TensorContent
    grad: TensorContent | None
    flags: tuple[bool, object]
    view: TensorView

    def is_as_before(self, tensor: torch.Tensor) -> bool:
        """Whether it is the same tensor, where no line since has called what writes.

        Then its flags, its node and its `.grad` are as they were too. Of a plain tensor only.
        """
        data = self.data
        if data.pointer is None or data.tensor() is not tensor:
            return False
        return version_of(tensor) == data.version


class _Variable:
    """The tensors of a variable, as they were at a line."""

    __slots__ = ("_refs", "_versions", "addresses", "kept", "names", "views")

    def __init__(self, kept: dict[str, _Kept], names: tuple[str, ...]) -> None:
        """`names` are of those that were in scope at the line."""
        self.kept = kept
        self.names = names
        self.views = [kept[name].view for name in names]
        self.addresses = [one.data.address for one in kept.values()]
        self._refs: list[OwnRef] | None = None
        self._versions: list[int] = []

    def is_as_before(self, tensors: Mapping[str, torch.Tensor]) -> bool:
        """Whether all are the same tensors as then, where no line since has called what writes.

        That of each tensor alone `_Kept.is_as_before` tells, which takes many times as long.
        """
        if (*tensors,) != self.names or len(self.kept) != len(self.names):
            return False
        if self._refs is None:
            contents = [self.kept[name].data for name in self.names]
            self._refs = [one.tensor for one in contents]
            # One without a pointer is not told by its version: no list is equal to this.
            self._versions = [-1 if one.pointer is None else one.version for one in contents]
        held = [*tensors.values()]
        try:
            return [*map(counted_version, held)] == self._versions and all(
                map(is_, [ref() for ref in self._refs], held)
            )
        except RuntimeError:  # one has no version
            return False


_NOTHING = _Variable({}, ())
