"""What a script prints while it is recorded: the newest text at hand, the total bounded."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

OUTPUT_LIMIT = 1_000_000
"""Bytes of printed output that are kept; the rest is dropped as it comes."""


class Output(Protocol):
    """Gives what a script has printed, piece by piece."""

    def take(self) -> str:
        """Return what was printed since the last call."""


class CaughtOutput(io.TextIOWrapper):
    """A text stream like `sys.stdout`, with a `buffer` and an encoding, that goes nowhere else.

    With a `descriptor`, code that asks for one prints there, past this stream.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        self._bytes = _Bounded()
        self._descriptor = descriptor
        buffer = cast(BinaryIO, self._bytes)
        super().__init__(buffer, encoding="utf-8", errors="replace", write_through=True)

    def take(self) -> str:
        """Return what was printed since the last call."""
        return self._bytes.take().decode(errors="replace")

    def go_past(self) -> None:
        """In a process that has been forked: what is printed goes to the descriptor itself."""
        self._bytes.descriptor = self._descriptor

    def fileno(self) -> int:
        """The descriptor that was given; raises UnsupportedOperation without one."""
        if self._descriptor is None:
            raise io.UnsupportedOperation("fileno")
        return self._descriptor


class CopiedOutput:
    """Copies of what is printed to `sys.stdout` and `sys.stderr`, which stay what they are."""

    def __init__(self) -> None:
        self._bytes = _Bounded()

    def take(self) -> str:
        """Return what was printed since the last call."""
        return self._bytes.take().decode(errors="replace")

    def begin(self) -> None:
        """From now on keep a copy of every text that the two streams are given."""
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                self._copy(stream)

    def _copy(self, stream: Any) -> None:
        write: Callable[[str], int] = stream.write

        def copy(text: str, /) -> int:
            count = write(text)
            self._bytes.write(text.encode(errors="replace"))
            return count

        with contextlib.suppress(AttributeError):  # a stream of some other class
            stream.write = copy


class _Bounded(io.RawIOBase):
    """Bytes up to a limit; one thread may take while another writes."""

    def __init__(self) -> None:
        self._new = bytearray()
        self._room = OUTPUT_LIMIT
        self._lock = threading.RLock()
        self.descriptor: int | None = None
        """Where bytes are written to; None: they are kept."""

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        view = memoryview(data)
        if self.descriptor is not None:  # and nobody may be there to let go of the lock
            return os.write(self.descriptor, view)
        with self._lock:
            kept = view.cast("B")[: self._room]
            self._new += kept
            self._room -= len(kept)
        return view.nbytes

    def take(self) -> bytes:
        with self._lock:
            taken, self._new = bytes(self._new), bytearray()
        return taken
