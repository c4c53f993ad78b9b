"""What a tensor holds at a line, compared with what it held at the line before.

Content is compared byte by byte, but where it is large by identity, version and address alone. So
is everything once a pass has had many tensors compared, but for lines that may have changed one
unseen by autograd. Reading large tensors is given a share of the script's time; one that is
changed more often has a corner and no summary.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import torch

from engine.autograd.notes import noted_value
from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import (
    address_of,
    count,
    data_ptr,
    device,
    is_cpu,
    is_leaf,
    is_readable,
    listed,
    pointer_of,
    sizes,
    version_of,
)
from engine.autograd.summary import quiet_content
from engine.autograd.tensor_reader import WHOLE_LIMIT, quiet_value_of
from engine.autograd.values import Value
from engine.quick_records import quickly_made

COMPARED_LIMIT = 100_000
"""Tensors of more elements are not read again while autograd sees no change of them."""
CHECKED_LIMIT = 1_000_000
"""Elements that are compared after one line; then all tensors count as large."""
CHECKS = 1_000
"""Tensors whose content is compared in the lines of one pass; then not after every line."""
KNOWN_LIMIT = 1 << 24
"""Bytes of the content of leaves that are kept to be compared under other names."""
READING_TIME = 1.0
"""Seconds that may be spent on reading large tensors at any time."""
READING_SHARE = 0.1
"""And what may be spent on it of the time that passes."""


class ReadingLimits:
    """How much may still be read."""

    def __init__(self, seconds: float, share: float) -> None:
        self._seconds, self._share = seconds, share
        self._checks = CHECKS
        """Tensors whose content may still be compared in the lines of this pass."""
        self._always = True
        """Whether all are compared after this line."""
        self._elements = 0
        """Elements that may still be compared after this line."""
        self._begun = perf_counter()
        self._spent = 0.0

    def begin(self, *, check: bool, anew: bool) -> None:
        """The next line, as in `Snapshots.take`."""
        self._checks = CHECKS if anew else self._checks
        self._always, self._elements = check, CHECKED_LIMIT

    @property
    def is_over(self) -> bool:
        """Whether no content is compared any more."""
        return not (self._always or self._checks)

    def may_compare(self, size: int) -> bool:
        """Whether the content of one more tensor may be read, which is then counted."""
        if size > COMPARED_LIMIT or size > self._elements or self.is_over:
            return False
        self._elements -= size if size > WHOLE_LIMIT else 0
        self._checks -= 0 if self._always else 1
        return True

    def value_of(self, tensor: torch.Tensor, size: int) -> Value:
        """The numbers of a tensor, of a large one without a summary where its time is used up."""
        if not self._always and (noted := noted_value(tensor)) is not None:
            return noted
        if size <= COMPARED_LIMIT:
            return quiet_value_of(tensor)
        begun = perf_counter()
        allowed = self._seconds + self._share * (begun - self._begun)
        value = quiet_value_of(tensor, summarised=self._spent <= allowed)
        self._spent += perf_counter() - begun
        return value


@quickly_made
@dataclass(frozen=True, slots=True, eq=False)
class TensorContent:
    """What a tensor held, and by what that is recognised."""

    tensor: OwnRef
    version: int
    address: int
    mark: object
    value: Value
    device: torch.device
    pointer: int | None
    """Where its first element lies; None where it is no plain tensor in readable memory."""

    @classmethod
    def of(
        cls,
        tensor: torch.Tensor,
        old: TensorContent | None,
        reading: ReadingLimits,
        known: KnownContents,
    ) -> TensorContent:
        """`old` itself where nothing differs, or what is known of the tensor by another name."""
        if old is not None and old.is_still(tensor, reading):
            return old
        version, address = version_of(tensor), address_of(tensor)
        if old is not None and not old.is_of(tensor, version, address):
            old = None
        size = count(tensor)
        mark, value = None, None
        if not reading.may_compare(size):
            old = old or known.unmarked(tensor, version, address)
            if old is not None:
                return old
        elif size <= WHOLE_LIMIT:
            mark = listed(tensor) if is_readable(tensor) else None
            if old is not None and _same(old.mark, mark):
                return old
            value = quiet_value_of(tensor)
        else:
            mark = quiet_content(tensor)
            if old is not None and (old.mark is None or old.mark == mark):
                return old
            old = known.marked(tensor, version, address, mark)
            if old is not None:
                return old
        value = value or reading.value_of(tensor, size)
        pointer = pointer_of(tensor)
        content = cls(OwnRef(tensor), version, address, mark, value, device(tensor), pointer)
        known.add(tensor, content)
        return content

    def is_still(self, tensor: torch.Tensor, reading: ReadingLimits) -> bool:
        """Whether a small tensor in the CPU's memory, as most are, is as it was: told quickly."""
        return (
            (type(self.mark) is list or type(self.mark) is float)
            and self.tensor() is tensor
            and self.version == version_of(tensor)
            and self.pointer == data_ptr(tensor)
            and self.value.shape == sizes(tensor)
            and is_cpu(tensor)
            and reading.may_compare(count(tensor))
            and _same(self.mark, listed(tensor))
        )

    def is_of(self, tensor: torch.Tensor, version: int, address: int) -> bool:
        """Whether it is this tensor's, and nothing says that it has changed."""
        return (
            self.tensor() is tensor
            and self.version == version
            and self.address == address
            and self.value.shape == sizes(tensor)
        )

    def silently_after(self, old: TensorContent) -> bool:
        """Whether the same tensor holds something else, and its version is as it was."""
        if self.tensor() is not old.tensor() or self.version != old.version:
            return False
        if self.value.dtype != old.value.dtype or self.device != old.device:
            return False  # as `model.double()` and `model.cuda()` do
        if (self.pointer is None) != (old.pointer is None):
            return False  # its memory was freed or refilled, as sharded modules do
        if self.mark is None or old.mark is None:
            return self.address != old.address
        return not _same(self.mark, old.mark)


class KnownContents:
    """What leaves were seen to hold by any name: a parameter is in scope by many."""

    def __init__(self) -> None:
        self._contents: dict[int, TensorContent] = {}
        """By the `id` of the tensor."""
        self._room = KNOWN_LIMIT

    def clear(self) -> None:
        """Forget all: a line may have changed tensors unseen by autograd."""
        self._contents.clear()
        self._room = KNOWN_LIMIT

    def add(self, tensor: torch.Tensor, content: TensorContent) -> None:
        """Keep what a tensor holds, if it is a leaf."""
        if not is_leaf(tensor):
            return
        if isinstance(content.mark, bytes):
            self._room -= len(content.mark)
        if self._room < 0:
            self.clear()
        self._contents[id(tensor)] = content

    def unmarked(self, tensor: torch.Tensor, version: int, address: int) -> TensorContent | None:
        """What the tensor holds as far as autograd tells."""
        known = self._contents.get(id(tensor))
        return known if known is not None and known.is_of(tensor, version, address) else None

    def marked(
        self, tensor: torch.Tensor, version: int, address: int, mark: object
    ) -> TensorContent | None:
        """What it holds if its content is the same as well."""
        known = self.unmarked(tensor, version, address)
        return (
            known if known is not None and known.mark is not None and known.mark == mark else None
        )


def _same(before: object, after: object) -> bool:
    # nan is unequal to itself, but its text is not.
    return before == after or (type(before) is not bytes and repr(before) == repr(after))
