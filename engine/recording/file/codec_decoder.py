"""Reading a payload's pool, value by value, with nothing in it believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.recording.file.codec_format import (
    ARRAYS,
    BIG_INTEGER,
    BOOLEANS,
    COMPLEX,
    COMPLEXES,
    CONSTANTS,
    FIRST_CLASS,
    FLOAT,
    INTEGER,
    ITEMS_LIMIT,
    STRING,
    TUPLE,
    CodecError,
    Streams,
)
from engine.recording.file.record_types import RecordLayout, RecordTypes


class Decoder:
    """Decodes one payload.

    Slices and positions are not checked one by one: a slice beyond its stream is short, and then
    the streams are not used up exactly at the end.
    """

    def __init__(self, types: RecordTypes, data: bytes) -> None:
        self._known = types.known()
        self._types = types
        self._data = data
        self._pool: list[Any] = list(CONSTANTS)
        self._kinds = [self._known.of_type(type(constant)) for constant in CONSTANTS]
        self._float = self._known.of_type(float)
        self._weights: dict[int, int] = {}
        """How many items the tuples in the pool have, those of tuples in them included."""
        self._ref = self._length = self._letter = 0
        self._used = dict.fromkeys(ARRAYS, 0)
        self._readers: dict[int, Callable[[], Any]] = {
            STRING: self._string,
            INTEGER: lambda: self._number("q"),
            COMPLEX: lambda: complex(*self._numbers("d", 2)),
            BIG_INTEGER: lambda: int(self._string(), 16),
            TUPLE: self._tuple,
            BOOLEANS: lambda: tuple(map(bool, self._numbers("b", self._count()))),
            COMPLEXES: self._complexes,
        } | {code: self._array(letter) for letter, code in ARRAYS.items()}

    def decode(self) -> object:
        """The payload's value; raises CodecError. To be called once."""
        try:
            self._streams = Streams.from_bytes(self._data)
            plans = [self._types.plan(self._known, line) for line in self._streams.classes]
            self._read(plans)
            self._check_use()
            return self._pool[self._streams.refs[-1]]
        except CodecError:
            raise
        except MemoryError:
            raise CodecError("records are too large for the memory") from None
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise CodecError(f"records are damaged: {_one_line(error)}") from error
        finally:
            self._readers.clear()  # they know the decoder, and all that was read would stay with it

    def _read(self, plans: list[RecordLayout]) -> None:
        pool, kinds, refs = self._pool, self._kinds, self._streams.refs
        item, kind_of = pool.__getitem__, kinds.__getitem__
        used, floats, float_kind = self._used, self._streams.numbers["d"], self._float
        for code in self._streams.kinds:
            if code == FLOAT:  # as most are that are no records
                pool.append(floats[used["d"]])
                used["d"] += 1
                kinds.append(float_kind)
                continue
            if code < FIRST_CLASS:
                value = self._readers[code]()
                if code != TUPLE:
                    kinds.append(self._kind(code, value))
                pool.append(value)
                continue
            plan = plans[code - FIRST_CLASS]
            start = self._ref
            self._ref = end = start + plan.width
            row = refs[start:end]
            types = tuple(map(kind_of, row))
            if types not in plan.accepted:
                self._known.check(plan, types)
            for position, allowed in plan.literals:
                if pool[row[position]] not in allowed:
                    raise CodecError(f"records are damaged: {plan.name} with an unknown word")
            pool.append(plan.build(*map(item, row)))
            kinds.append(plan.kind)

    def _kind(self, code: int, value: Any) -> int:
        if type(value) is tuple:
            self._weights[len(self._pool)] = len(value)
            inner = self._known.of_type(type(value[0])) if value else 0
            return self._known.of_tuple([inner] * min(len(value), 5))
        return self._known.of_type(type(value))

    def _check_use(self) -> None:
        streams = self._streams
        if (
            self._ref + 1 != len(streams.refs)
            or self._length != len(streams.lengths)
            or self._letter != len(streams.texts[0])
            or any(self._used[code] != len(numbers) for code, numbers in streams.numbers.items())
        ):
            raise CodecError("records are damaged: their parts do not fit together")

    def _count(self) -> int:
        self._length += 1
        return self._streams.lengths[self._length - 1]

    def _string(self) -> str:
        start = self._letter
        self._letter = end = start + self._count()
        return self._streams.texts[0][start:end]

    def _number(self, code: str) -> Any:
        at = self._used[code]
        self._used[code] = at + 1
        return self._streams.numbers[code][at]

    def _numbers(self, code: str, count: int) -> Any:
        start = self._used[code]
        self._used[code] = end = start + count
        return self._streams.numbers[code][start:end]

    def _array(self, code: str) -> Callable[[], Any]:
        return lambda: tuple(self._numbers(code, self._count()))

    def _complexes(self) -> tuple[complex, ...]:
        parts = self._numbers("d", 2 * self._count())
        return tuple(map(complex, parts[::2], parts[1::2]))

    def _tuple(self) -> tuple[Any, ...]:
        start = self._ref
        self._ref = end = start + self._count()
        row = self._streams.refs[start:end]
        kind = self._known.of_tuple([self._kinds[index] for index in row])
        weight = len(row)
        if self._known.depths[kind] > 1:
            weight = sum(self._weights.get(index, 1) for index in row)
            if weight > ITEMS_LIMIT:
                raise CodecError(f"records are damaged: a tuple with over {ITEMS_LIMIT:,} items")
        self._weights[len(self._pool)] = weight
        self._kinds.append(kind)
        return tuple([self._pool[index] for index in row])


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
