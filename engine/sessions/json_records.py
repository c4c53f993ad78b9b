"""Frozen records as plain values for JSON, and back, by the type hints of their fields.

So a record's definition is the schema of its file: a field that is not known, of another type
or missing without a default is refused, and nothing is ever built but the records named.
Floats are exact in JSON, since Python writes the shortest text that reads as the same float;
those that JSON lacks are the strings `nan`, `inf` and `-inf`. Steps, of which there are
thousands, stand in columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from engine.training.problem import Step
from engine.training.step_columns import Steps

KIND = "record"
"""The key under which a record's name stands."""
TEXT_LIMIT = 10_000
"""Most characters in a string of a session."""
WHOLE_LIMIT = 2**63
"""Whole numbers must be smaller than this in absolute value."""

_OPTIONAL = Step._field_defaults
"""Columns that stand in a file only where there is something in them."""

_NAMES = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_WORDS = {"dict": "an object", "list": "a list", "NoneType": "null", "bool": "true or false"}

T = TypeVar("T")


class PlainError(ValueError):
    """A plain value that is not what it should be: where it stands and what is wrong."""


def to_plain(value: object) -> Any:
    """A record, or anything that may stand in one, as dicts, lists, strings and numbers."""
    if isinstance(value, Steps):
        return _columns(value)
    if is_dataclass(value) and not isinstance(value, type):
        values = {name: to_plain(getattr(value, name)) for name in _hints(type(value))}
        return {KIND: type(value).__name__} | values
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def from_plain(hint: Callable[..., T], plain: object) -> T:
    """The value of a type that `to_plain` made this of; raises PlainError."""
    value: T = _read(hint, plain, "")
    return value


def _read(hint: Any, plain: object, where: str) -> Any:
    if hint is Steps:
        return _steps(plain, where)
    if is_dataclass(hint):
        return _record(hint, plain, where)
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _any_of(get_args(hint), plain, where)
    if origin is tuple:
        items = _expect(list, plain, where)
        return tuple(
            _read(get_args(hint)[0], item, f"{where}[{i}]") for i, item in enumerate(items)
        )
    if origin is Literal:
        if type(plain) is str and plain in get_args(hint):
            return plain
        raise _wrong(where, " or ".join(get_args(hint)), plain)
    return _SIMPLE[hint](plain, where)


def _record(hint: Any, plain: object, where: str) -> Any:
    given = dict(_expect(dict, plain, where))
    if given.pop(KIND, None) != hint.__name__:
        raise _wrong(where, f"a {hint.__name__}", plain)
    known, values = _hints(hint), {}
    for field in fields(hint):
        if field.name in given:
            path = f"{where}.{field.name}".lstrip(".")
            values[field.name] = _read(known[field.name], given.pop(field.name), path)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise PlainError(f"{where or 'it'} has no {field.name}")
    if given:
        raise PlainError(f"{where or 'it'} has an unknown {min(given)[:40]!a}")
    return hint(**values)


def _any_of(hints: Sequence[Any], plain: object, where: str) -> Any:
    """What the first type that fits makes of it; a record is known by its name."""
    wrong: PlainError | None = None
    for hint in hints:
        try:
            return _read(hint, plain, where)
        except PlainError as error:
            named = isinstance(plain, dict) and plain.get(KIND) == getattr(hint, "__name__", "")
            wrong = error if wrong is None or named else wrong
    raise wrong or _wrong(where, "something", plain)


def _float(plain: object, where: str) -> float:
    if type(plain) is float:
        return plain
    if type(plain) is int and abs(plain) < WHOLE_LIMIT:
        return float(plain)
    if type(plain) is str and plain in _NAMES:
        return _NAMES[plain]
    raise _wrong(where, "a number", plain)


def _whole(plain: object, where: str) -> int:
    if type(plain) is int and abs(plain) < WHOLE_LIMIT:
        return plain
    raise _wrong(where, "a whole number", plain)


def _text(plain: object, where: str) -> str:
    if type(plain) is str and len(plain) <= TEXT_LIMIT:
        return plain
    raise _wrong(where, "a text", plain)


_SIMPLE: dict[object, Callable[[object, str], Any]] = {
    float: _float,
    int: _whole,
    str: _text,
    bool: lambda plain, where: _expect(bool, plain, where),
    NoneType: lambda plain, where: _expect(NoneType, plain, where),
}


def _columns(steps: Steps) -> dict[str, Any]:
    """A column for every number of a step, one for each w where there are several."""
    columns = zip(*steps, strict=True) if steps else ((),) * len(Step._fields)
    return {
        name: [to_plain(value) for value in column]
        for name, column in zip(Step._fields, columns, strict=True)
        if name not in _OPTIONAL or any(value is not None for value in column)
    }


def _steps(plain: object, where: str) -> Steps:
    columns = _expect(dict, plain, where)
    missing, unknown = {*Step._fields} - {*columns}, {*columns} - {*Step._fields}
    if unknown or missing - {*_OPTIONAL}:
        raise _wrong(where, "columns " + ", ".join(Step._fields), sorted(columns))
    read = []
    for name, hint in _hints(Step).items():
        nothing = [None] * len(columns["iteration"]) if name in missing else columns[name]
        column = _expect(list, nothing, f"{where}.{name}")
        read.append([_read(hint, value, f"{where}.{name}") for value in column])
    if len(set(map(len, read))) != 1:
        raise PlainError(f"{where} has columns of different lengths")
    try:
        return Steps(Step(*row) for row in zip(*read, strict=True))
    except ValueError as error:
        raise PlainError(f"{where}: {error}") from error


@cache
def _hints(record: type) -> dict[str, Any]:
    return get_type_hints(record)


def _expect(kind: type[T], plain: object, where: str) -> T:
    if type(plain) is kind:
        return plain
    raise _wrong(where, _WORDS.get(kind.__name__, kind.__name__), plain)


def _wrong(where: str, wanted: str, plain: object) -> PlainError:
    shown = ascii(plain) if not isinstance(plain, dict | list) else type(plain).__name__
    shown = shown if len(shown) <= 40 else shown[:40] + "…"
    return PlainError(f"{where or 'it'} must be {wanted}, not {shown}")
