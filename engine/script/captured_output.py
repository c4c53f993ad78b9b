"""Where a script prints to while it is recorded: the newest text at hand, the total bounded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

OUTPUT_LIMIT = 1_000_000
"""Bytes of printed output that are kept; the rest is dropped as it comes."""


class Output(io.TextIOWrapper):
    """A text stream like `sys.stdout`, with a `buffer` and an encoding."""

    def __init__(self) -> None:
        self._bytes = _Bounded()
        buffer = cast(BinaryIO, self._bytes)
        super().__init__(buffer, encoding="utf-8", errors="replace", write_through=True)

    def take(self) -> str:
        """Return what was printed since the last call."""
        return self._bytes.take().decode(errors="replace")


class _Bounded(io.RawIOBase):
    def __init__(self) -> None:
        self._new = bytearray()
        self._room = OUTPUT_LIMIT

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        view = memoryview(data)
        kept = view.cast("B")[: self._room]
        self._new += kept
        self._room -= len(kept)
        return view.nbytes

    def take(self) -> bytes:
        taken = bytes(self._new)
        self._new.clear()
        return taken
