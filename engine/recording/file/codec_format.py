"""The bytes of a payload of `codec`: a version, eleven lengths in bytes, then eleven streams.

    classes   UTF-8: a line for each class, its name and those of its fields, blanks between
    kinds     a byte for each value of the pool: one of the codes below, or 16 + the class's line
    refs      what tuples and records are made of, and last the payload's value: positions in the
              pool, u16 where it is small enough
    lengths   u32: of strings in characters, of tuples in items
    text      UTF-8, lone surrogates included: all strings in a row
    numbers   six streams, i8, i16, i32, i64, f32, f64: all numbers in a row

The pool begins with None, False and True, which are not written.
All numbers are little endian.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from struct import Struct
from typing import Any

STRING, INTEGER, FLOAT, COMPLEX, BIG_INTEGER, TUPLE, BOOLEANS, COMPLEXES = range(8)
"""Codes of values: single ones, those of mixed tuples, and those of tuples of one type."""
ARRAYS = {"b": 8, "h": 9, "i": 10, "q": 11, "f": 12, "d": 13}
"""Codes of tuples of integers and floats, by the type code of their stream."""
FIRST_CLASS = 16
"""The code of the first class."""
CLASSES_LIMIT = 256 - FIRST_CLASS
"""Most classes in a payload."""
CONSTANTS = (None, False, True)
"""The first values of every pool."""
TUPLES_LIMIT = 32
"""How deep tuples may stand in tuples."""
POOL_LIMIT = 2**24
"""Most values in a pool."""
ITEMS_LIMIT = 2**28
"""Most items in a tuple of tuples, those that it has more than once counted each time."""

_VERSION = 1
_LENGTHS = Struct("<B11I")
_SMALL_POOL = 2**16


class CodecError(Exception):
    """A value that cannot be encoded, or bytes that cannot be decoded: one line that says why."""


class Streams:
    """The parts of a payload while it is written or after it was cut up."""

    def __init__(self) -> None:
        self.classes: list[str] = []
        self.kinds = bytearray()
        self.refs: list[int] = []
        self.lengths: list[int] = []
        self.texts: list[str] = []
        """While writing, all strings; after reading, one that holds all of them."""
        self.numbers: dict[str, array[Any]] = {code: array(code) for code in ARRAYS}

    def to_bytes(self) -> bytes:
        """The payload; raises CodecError where the pool is too large."""
        if len(self.kinds) > POOL_LIMIT:
            raise CodecError(f"more than {POOL_LIMIT:,} values cannot be kept in one piece")
        parts = [
            "\n".join(self.classes).encode(),
            bytes(self.kinds),
            _to_bytes(array(_ref_code(len(self.kinds)), self.refs)),
            _to_bytes(array("I", self.lengths)),
            "".join(self.texts).encode("utf-8", "surrogatepass"),
            *map(_to_bytes, self.numbers.values()),
        ]
        return b"".join((_LENGTHS.pack(_VERSION, *map(len, parts)), *parts))

    @classmethod
    def from_bytes(cls, data: bytes) -> Streams:
        """Cut up a payload; raises CodecError or ValueError where it is none."""
        if len(data) < _LENGTHS.size or data[0] != _VERSION:
            raise CodecError("these bytes are no records, or those of a newer program")
        _, *lengths = _LENGTHS.unpack_from(data)
        if _LENGTHS.size + sum(lengths) != len(data) or lengths[1] > POOL_LIMIT:
            raise CodecError("records are damaged: their lengths are not that of the whole")
        parts = _parts(data, lengths)
        streams = cls()
        classes, streams.kinds, refs, counts, text = (bytearray(next(parts)) for _ in range(5))
        streams.classes = classes.decode().split("\n") if classes else []
        streams.refs = _from_bytes(_ref_code(len(streams.kinds)), refs).tolist()
        streams.lengths = _from_bytes("I", counts).tolist()
        streams.texts = [text.decode("utf-8", "surrogatepass")]
        streams.numbers = {code: _from_bytes(code, next(parts)) for code in ARRAYS}
        return streams


def _parts(data: bytes, lengths: Iterable[int]) -> Any:
    start = _LENGTHS.size
    for length in lengths:
        yield memoryview(data)[start : start + length]
        start += length


def _ref_code(pool: int) -> str:
    return "H" if pool + len(CONSTANTS) <= _SMALL_POOL else "I"


def _to_bytes(numbers: array[Any]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _from_bytes(code: str, data: bytes | bytearray | memoryview) -> array[Any]:
    numbers = array(code)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
