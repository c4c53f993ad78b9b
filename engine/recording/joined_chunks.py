"""Consecutive chunks of passes as one: a long recording is held once, in whole columns.

A script writes a chunk every second or so. What reads the columns as arrays then need not put
them together from hundreds of pieces, which would all stay beside the whole.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain

from engine.recording.pass_chunk import PassChunk, Plain


class JoinedChunks:
    """Chunks in the order in which they were written.

    Those that are added between two looks are joined where they go on from each other; what has
    been looked at stays as it was.
    """

    def __init__(self) -> None:
        self._seen: list[PassChunk] = []
        self._new: _Run | None = None

    def add(self, chunk: PassChunk) -> None:
        """Add a chunk, as it was written."""
        if self._new is None or not self._new.goes_on_with(chunk):
            self._close()
            self._new = _Run(chunk)
        self._new.add(chunk)

    def look(self) -> tuple[PassChunk, ...]:
        """Return all chunks; those of an earlier look are the same ones."""
        self._close()
        return tuple(self._seen)

    def _close(self) -> None:
        if self._new is not None:
            self._seen.append(self._new.chunk())
            self._new = None


class _Run:
    """Chunks that become one."""

    def __init__(self, first: PassChunk) -> None:
        self._first = first
        self._several = False
        self._loss, self._rows, self._norms = array("f"), array("q"), array("f")
        self._columns: list[list[Sequence[Plain | None]]] = [[] for _ in first.variables]
        self._printed: list[tuple[int, str]] = []

    def goes_on_with(self, chunk: PassChunk) -> bool:
        first = self._first
        return (
            chunk.first == first.first + len(self._loss)
            and chunk.leaves == first.leaves
            and (not chunk.loss or _names(chunk) == _names(first))
            and not (chunk.without_loss or first.without_loss)
        )

    def add(self, chunk: PassChunk) -> None:
        self._several = chunk is not self._first
        losses = chunk.loss
        if losses.typecode != self._loss.typecode:
            losses, self._loss = array("d", losses), array("d", self._loss)
        self._loss += losses
        self._rows += chunk.rows
        self._norms += chunk.norms
        if chunk.loss:
            for parts, (_, column) in zip(self._columns, chunk.variables, strict=True):
                parts.append(column)
        self._printed += chunk.printed()

    def chunk(self) -> PassChunk:
        if not self._several:
            return self._first
        columns = map(_joined, self._columns)
        return PassChunk(
            self._first.first,
            self._loss,
            self._first.leaves,
            self._rows,
            self._norms,
            tuple(zip(_names(self._first), columns, strict=True)),
            earlier_output=tuple(self._printed),
        )


def _names(chunk: PassChunk) -> tuple[str, ...]:
    return tuple(name for name, _ in chunk.variables)


def _joined(parts: Sequence[Sequence[Plain | None]]) -> Sequence[Plain | None]:
    """The parts of a column as one, in as little memory as they are."""
    counted = [part for part in parts if isinstance(part, range)]
    if counted and len(counted) == len(parts) and all(map(_go_on, counted, counted[1:])):
        return range(counted[0].start, counted[-1].stop, counted[0].step)
    kinds = {part.typecode if isinstance(part, array) else type(part) for part in parts}
    numbers: array[float] = array("d" if kinds == {"d"} else "q")
    if kinds <= {"q", range} or kinds == {"d"}:
        with suppress(OverflowError):
            for part in parts:
                numbers.extend(part)  # type: ignore[arg-type]
            return numbers
    return tuple(chain.from_iterable(parts))


def _go_on(one: range, other: range) -> bool:
    return one.stop == other.start and one.step == other.step
