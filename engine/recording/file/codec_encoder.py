"""Writing one value and all that it is made of into the streams of a payload."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import fields
from itertools import takewhile
from typing import Any

from engine.recording.file.codec_format import (
    ARRAYS,
    BIG_INTEGER,
    BOOLEANS,
    CLASSES_LIMIT,
    COMPLEX,
    COMPLEXES,
    CONSTANTS,
    FIRST_CLASS,
    FLOAT,
    INTEGER,
    STRING,
    TUPLE,
    TUPLES_LIMIT,
    CodecError,
    Streams,
)
from engine.recording.file.record_types import Getter, RecordTypes

_BEFORE = len(CONSTANTS) - 1
_LARGEST = 2**63
_FLOATS = {float}
_PACKED = frozenset({bool, int, float, complex})


class Encoder:
    """Encodes one value: everything in it is alive meanwhile, so objects are known by `id`."""

    def __init__(self, types: RecordTypes) -> None:
        self._types = types
        self._streams = Streams()
        self._kinds = self._streams.kinds
        self._refs = self._streams.refs
        self._numbers = self._streams.numbers
        self._add_double = self._numbers["d"].append
        self._depth = 0
        self._indices = {id(constant): index for index, constant in enumerate(CONSTANTS)}
        self._same: dict[Any, int] = {}
        """The positions of values by what is equal for equal ones only."""
        self._tuples: dict[tuple[int, ...], int] = {}
        """Those of tuples by the positions of their items."""
        self._adders: dict[type, Callable[[Any], int]] = {
            str: self._add_string,
            int: self._add_integer,
            complex: self._add_complex,
            tuple: self._add_tuple,
        }

    def encode(self, value: object) -> bytes:
        """The payload of the value; raises CodecError. To be called once."""
        try:
            self._refs.append(self._index(value))
        except RecursionError:
            raise CodecError("records nested that deep cannot be kept") from None
        finally:
            self._adders.clear()  # they know the encoder, and all that it met would stay with it
        return self._streams.to_bytes()

    def _index(self, value: object) -> int:
        known = self._indices.get(id(value))
        return self._add(value) if known is None else known

    def _add(self, value: object) -> int:
        """The position of an object that was not met before."""
        if type(value) is float:  # most values are, and a call less is a third of the time
            self._add_double(value)
            self._kinds.append(FLOAT)
            at = self._indices[id(value)] = len(self._kinds) + _BEFORE
            return at
        adder = self._adders.get(type(value)) or self._new_adder(value)
        index = self._indices[id(value)] = adder(value)
        return index

    def _new(self, code: int) -> int:
        self._kinds.append(code)
        return len(self._kinds) + _BEFORE

    def _new_adder(self, value: object) -> Callable[[Any], int]:
        kind = type(value)
        if kind in self._types.fields:
            adder = self._record_adder(kind)
        elif isinstance(value, str):
            adder = lambda text: self._add_string(str.__str__(text))  # noqa: E731
        elif isinstance(value, int):
            adder = lambda number: self._add_integer(int.__int__(number))  # noqa: E731
        elif isinstance(value, float):
            adder = lambda number: self._add_float(float.__float__(number))  # noqa: E731
        elif isinstance(value, complex):
            adder = lambda number: self._add_complex(complex.__complex__(number))  # noqa: E731
        elif isinstance(value, tuple):
            adder = lambda items: self._add_tuple(tuple(tuple.__iter__(items)))  # noqa: E731
        else:
            raise CodecError(f"a value of type {kind.__name__} cannot be kept in a recording")
        self._adders[kind] = adder
        return adder

    def _record_adder(self, kind: type) -> Callable[[Any], int]:
        names, getter, equal = self._types.fields[kind]
        line = len(self._streams.classes)
        if line >= CLASSES_LIMIT:
            raise CodecError(f"more than {CLASSES_LIMIT} classes cannot be kept in one piece")
        self._streams.classes.append(" ".join((kind.__name__, *names)))
        code = FIRST_CLASS + line
        known, add, refs = self._indices.get, self._add, self._refs.extend
        same: dict[tuple[int, ...], int] = {}
        kinds, new = self._kinds, self._kinds.append

        def adder(record: object) -> int:
            row = tuple(
                [add(item) if (at := known(id(item))) is None else at for item in getter(record)]
            )
            position = len(kinds) + len(CONSTANTS)
            if equal and (before := same.setdefault(row, position)) != position:
                return before
            refs(row)
            new(code)
            return position

        count = len([*takewhile(lambda one: one.type in ("float", float), fields(kind))])
        return self._numbers_adder(code, getter, count, adder) if count > 1 else adder

    def _numbers_adder(
        self,
        code: int,
        getter: Getter,
        count: int,
        otherwise: Callable[[Any], int],
    ) -> Callable[[Any], int]:
        """Adds records that begin with so many floats, which no two records have in common."""
        known, add, refs = self._indices.get, self._add, self._refs.extend
        kinds, doubles, codes = self._kinds, self._numbers["d"].extend, bytes([FLOAT]) * count

        def adder(record: object) -> int:
            items = getter(record)
            floats = items[:count]
            if {*map(type, floats)} != _FLOATS:
                return otherwise(record)
            rest = [add(item) if (at := known(id(item))) is None else at for item in items[count:]]
            start = len(kinds) + len(CONSTANTS)
            doubles(floats)
            kinds.extend(codes)
            refs(range(start, start + count))
            refs(rest)
            kinds.append(code)
            return start + count

        return adder

    def _add_string(self, text: str) -> int:
        position = self._same.get(text)
        if position is None:
            self._streams.texts.append(text)
            self._streams.lengths.append(len(text))
            position = self._same[text] = self._new(STRING)
        return position

    def _add_integer(self, number: int) -> int:
        position = self._same.get(number)
        if position is None:
            if -_LARGEST <= number < _LARGEST:
                self._numbers["q"].append(number)
                position = self._new(INTEGER)
            else:
                digits = hex(number)
                self._streams.texts.append(digits)
                self._streams.lengths.append(len(digits))
                position = self._new(BIG_INTEGER)
            self._same[number] = position
        return position

    def _add_float(self, number: float) -> int:
        self._add_double(number)
        return self._new(FLOAT)

    def _add_complex(self, number: complex) -> int:
        self._numbers["d"].extend((number.real, number.imag))
        return self._new(COMPLEX)

    def _add_tuple(self, items: tuple[Any, ...]) -> int:
        kind = type(items[0]) if items else tuple
        if kind in _PACKED and len(set(map(type, items))) == 1:
            packed = _packed(items, kind)
            if packed is not None:
                return self._add_packed(len(items), *packed)
        if self._depth >= TUPLES_LIMIT:
            raise CodecError(f"tuples nested more than {TUPLES_LIMIT} deep cannot be kept")
        self._depth += 1
        known, add = self._indices.get, self._add
        row = tuple([add(item) if (at := known(id(item))) is None else at for item in items])
        self._depth -= 1
        position = self._tuples.get(row)
        if position is None:
            self._refs.extend(row)
            self._streams.lengths.append(len(row))
            position = self._tuples[row] = self._new(TUPLE)
        return position

    def _add_packed(self, count: int, code: int, numbers: array[Any]) -> int:
        key = (code, numbers.tobytes())
        position = self._same.get(key)
        if position is None:
            self._numbers[numbers.typecode].extend(numbers)
            self._streams.lengths.append(count)
            position = self._same[key] = self._new(code)
        return position


def _packed(items: tuple[Any, ...], kind: type) -> tuple[int, array[Any]] | None:
    """The items, all of one type, as an array with the code of the tuple; None if too large."""
    if kind is float:
        exact, short = array("d", items), array("f", items)
        if array("d", short).tobytes() == exact.tobytes():
            return ARRAYS["f"], short
        return ARRAYS["d"], exact
    if kind is bool:
        return BOOLEANS, array("b", items)
    if kind is complex:
        return COMPLEXES, array("d", [part for item in items for part in (item.real, item.imag)])
    for code in "bhiq":
        try:
            return ARRAYS[code], array(code, items)
        except OverflowError:
            continue
    return None
