"""Consecutive passes of a script in one piece, as they are written to a file and read again.

The scalars of each: its loss, its loop variables, and of its leaves three norms. Torch-free.
"""

from __future__ import annotations

import json
import struct
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from json import dumps
from typing import Any, Literal

Plain = int | float | str
"""What a loop variable is shown as."""
COLUMNS = ("value", "gradient", "update")
"""Of every leaf and pass: the norm of its value when backward ran, of its `.grad` after that, and
of the change until the next pass. Of a leaf with one element it is the number itself."""
_LENGTH = struct.Struct("<I")
_MALFORMED = (
    struct.error,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
)
"""What bytes that are no chunk may raise where they are read as one."""


@dataclass(frozen=True, slots=True, eq=False)
class PassChunk:
    """Consecutive passes, as they are written."""

    first: int
    """The number of the first pass, from 0."""
    loss: array[float]
    """The root's value, of every pass; nan where it has several elements. In single precision
    where the script has it so."""
    leaves: tuple[str, ...] = ()
    rows: array[int] = field(default_factory=lambda: array("q"))
    """The numbers of the passes of which there are norms: thinned in a long run."""
    norms: array[float] = field(default_factory=lambda: array("f"))
    """For every row and leaf the three `COLUMNS`; nan where there is none."""
    variables: tuple[tuple[str, Sequence[Plain | None]], ...] = ()
    """Loop variables with their value at every pass, None where there is none."""
    output: str = ""
    """What was printed meanwhile outside of recorded lines."""
    without_loss: tuple[int, ...] = ()
    """The places of the passes that have no loss: their root has several elements."""
    earlier_output: tuple[tuple[int, str], ...] = ()
    """What else was printed, of chunks that were joined, each with a pass that it preceded."""

    def printed(self) -> tuple[tuple[int, str], ...]:
        """Return what was printed outside of recorded lines, each with a pass that it preceded."""
        last = ((self.first + len(self.loss), self.output),) if self.output else ()
        return self.earlier_output + last

    def encoded(self) -> bytes:
        """The chunk as bytes: a JSON head with its own length in front, then the arrays.

        Of numbers that count, as those of most rows and loops do, the head has start and step.
        """
        counted = _counted(self.rows)
        head = {
            "first": self.first,
            "passes": len(self.loss),
            "width": self.loss.itemsize,
            "rows": len(self.rows),
            "counted": counted and _head_of(counted),
            "leaves": self.leaves,
            "variables": [(name, _written(column)) for name, column in self.variables],
            "output": self.output,
            "without_loss": self.without_loss,
        }
        text = dumps(head).encode()
        arrays = (self.loss, self.norms) if counted else (self.loss, self.rows, self.norms)
        return b"".join([_LENGTH.pack(len(text)), text, *arrays])

    @classmethod
    def decoded(cls, data: bytes) -> PassChunk:
        """The chunk that was encoded so; raises ValueError for anything else."""
        try:
            (length,) = _LENGTH.unpack_from(data)
            head = json.loads(data[_LENGTH.size : _LENGTH.size + length])
            return cls._read(head, data, _LENGTH.size + length)
        except _MALFORMED as error:
            raise ValueError(f"no chunk of passes: {error}") from error

    @classmethod
    def _read(cls, head: Any, data: bytes, at: int) -> PassChunk:
        passes, rows = int(head["passes"]), int(head["rows"])
        leaves = tuple(str(name) for name in head["leaves"])
        if max(passes, rows) > len(data):
            raise ValueError("a chunk of passes is cut short")
        variables = tuple((str(name), _column_of(part, passes)) for name, part in head["variables"])
        if any(len(column) != passes for _, column in variables):
            raise ValueError("a loop variable does not have a value for every pass")
        arrays, counted = _Arrays(data, at), head["counted"]
        return cls(
            int(head["first"]),
            loss=arrays.take("f" if head["width"] == 4 else "d", passes),
            leaves=leaves,
            rows=array("q", _range_of(counted, rows)) if counted else arrays.take("q", rows),
            norms=arrays.take("f", rows * len(leaves) * len(COLUMNS)),
            variables=variables,
            output=str(head["output"]),
            without_loss=tuple(map(int, head["without_loss"])),
        )


def _small(column: Sequence[Plain | None]) -> Sequence[Plain | None]:
    """The column in little memory, where all of it are numbers of one kind."""
    if isinstance(column, range):
        return column
    numbers: Any = column
    kinds = set(map(type, column))
    try:
        if kinds == {int}:
            counted = _counted(numbers)
            return array("q", numbers) if counted is None else counted
        return array("d", numbers) if kinds == {float} else tuple(column)
    except OverflowError:
        return tuple(column)


def _counted(numbers: Sequence[int]) -> range | None:
    """The range that the numbers are, as those of a loop's counter often are; None: they differ."""
    if not numbers:
        return None
    first = numbers[0]
    step = numbers[1] - first if len(numbers) > 1 else 1
    if step == 0:
        return None
    counted = range(first, first + step * len(numbers), step)
    if numbers[-1] != counted[-1]:
        return None
    if isinstance(numbers, array):  # as fast as can be told: a run of a million passes has so many
        return counted if array(numbers.typecode, counted) == numbers else None
    return counted if list(counted) == list(numbers) else None


def _written(column: Sequence[Plain | None]) -> object:
    """The column as JSON has it: its numbers, or where they begin and how far they are apart."""
    small = _small(column)
    return _head_of(small) if isinstance(small, range) else list(column)


def _column_of(written: Any, length: int) -> Sequence[Plain | None]:
    return _range_of(written, length) if isinstance(written, dict) else _small(written)


def _head_of(counted: range) -> dict[str, int]:
    return {"start": counted.start, "step": counted.step}


def _range_of(written: Mapping[str, int], length: int) -> range:
    start, step = written["start"], written["step"]
    return range(start, start + step * length, step)


class _Arrays:
    """Arrays that stand one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def take(self, kind: Literal["d", "f", "q"], count: int) -> array[Any]:
        part: array[Any] = array(kind)
        end = self._at + count * part.itemsize
        if count < 0 or end > len(self._data):
            raise ValueError("a chunk of passes is cut short")
        part.frombytes(self._data[self._at : end])
        self._at = end
        return part
