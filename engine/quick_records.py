"""Frozen records that are made as quickly as others: a graph has tens of thousands of them.

A frozen dataclass sets each of its fields by a call, which takes three times as long as all else
about a record does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeVar

Record = TypeVar("Record", bound=type[Any])
_ABSENT: Any = object()
"""What an argument is that was not given, where a factory makes its default."""


def quickly_made(record: Record) -> Record:
    """Give a frozen dataclass with slots an `__init__` of the same arguments that is quick.

    While its fields are set an instance is of a class with the same slots that is not frozen.
    Raises TypeError for a class that this cannot be done with: one that is not frozen, has no
    slots, a base with fields, or a `__post_init__`, or takes anything by its name only.
    """
    fields = dataclasses.fields(record)
    if (
        not record.__dataclass_params__.frozen
        or (*record.__dict__.get("__slots__", ()),) != (*(field.name for field in fields),)
        or hasattr(record, "__post_init__")
        or any(field.kw_only or not field.init for field in fields)
    ):
        raise TypeError(f"{record.__name__} cannot be made quickly")
    made = _init_of(fields, record)
    made.__qualname__ = record.__init__.__qualname__
    made.__annotations__ = record.__init__.__annotations__
    record.__init__ = made
    return record


def _init_of(fields: Sequence[dataclasses.Field[Any]], record: Any) -> Any:
    """Written out and run, as `dataclasses` makes its own."""
    open_class = type(f"Open{record.__name__}", (), {"__slots__": record.__slots__})
    known = {"_record": record, "_open": open_class, "_set": object.__setattr__, "_absent": _ABSENT}
    arguments, sets = [], []
    for field in fields:
        name, default = field.name, f"_of_{field.name}"
        argument, value = name, name
        if field.default is not dataclasses.MISSING:
            known[default] = field.default
            argument = f"{name}={default}"
        elif field.default_factory is not dataclasses.MISSING:
            known[default] = field.default_factory
            argument, value = f"{name}=_absent", f"{default}() if {name} is _absent else {name}"
        arguments.append(argument)
        sets.append(f"    self.{name} = {value}\n")
    source = (
        f"def __init__(self, {', '.join(arguments)}):\n"
        "    _set(self, '__class__', _open)\n"
        f"{''.join(sets)}"
        "    self.__class__ = _record\n"
    )
    exec(source, known)
    return known["__init__"]
