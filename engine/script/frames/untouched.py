"""Looking into a script's objects without running any of their code.

A class may answer `isinstance`, `len`, `repr`, attributes and iteration with anything, an endless
loop too. So an object is asked through the methods of the built-in type that it derives from, and
through the descriptors that Python itself made for its class.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeGuard, TypeVar

import torch

from engine.script.frames.own_files import module_name

Thing = TypeVar("Thing")
_mro = type.__dict__["__mro__"].__get__
_namespace = type.__dict__["__dict__"].__get__
_name = type.__dict__["__name__"].__get__
_SIMPLE = frozenset({int, float, bool, str, bytes, type(None)})
_NOTHING: dict[str, Any] = {}
_PLAIN_KEYS = frozenset({int, float, bool, complex, bytes, type(None), torch.dtype, torch.device})
_KEY_LIMIT = 64
"""Longest text of a key, and most bits of a number that is one."""
_PARTS_LIMIT = 8
"""Most items of a tuple that is written as a key; tuples in it count alike."""


def is_a(thing: object, kind: type[Thing]) -> TypeGuard[Thing]:
    """`isinstance`, by what the object is and not by what its `__class__` says."""
    return issubclass(type(thing), kind)


def is_simple(thing: object) -> bool:
    """Whether it is a plain number or text, which holds nothing."""
    kind = type(thing)
    # A class of classes may have its own `__eq__` and `__hash__`.
    return type(kind) is type and kind in _SIMPLE


def class_name(thing: object) -> str:
    """The name of an object's class."""
    return str(_name(type(thing)))


def made_by_script(kind: type) -> bool:
    """Whether the class was defined in the file that is being run."""
    return module_name(kind) == "__main__"


def attributes(thing: object) -> dict[str, Any]:
    """The `__dict__` of an object; empty where it has none."""
    for kind in _mro(type(thing)):
        slot = _namespace(kind).get("__dict__")
        # What a class puts in place of it is not what Python keeps there.
        if type(slot) is types.GetSetDescriptorType:
            found = slot.__get__(thing)
            return found if is_a(found, dict) else _NOTHING
    return _NOTHING


def slots(thing: object) -> Iterator[tuple[str, object]]:
    """The attributes that an object keeps in `__slots__`."""
    for kind in _mro(type(thing)):
        for name, member in _namespace(kind).items():
            if type(member) is types.MemberDescriptorType:
                try:
                    yield name, member.__get__(thing)
                except AttributeError:  # not assigned yet
                    continue


def first_items(held: dict[Any, Any], limit: int) -> list[tuple[Any, Any]]:
    """The first items of a dict, of whatever class."""
    return list(islice(dict.items(held), limit))


def first_of(held: Iterable[Any], start: int, stop: int) -> Iterable[Any]:
    """Items of a list or tuple, values of a dict, of whatever class; nothing of anything else."""
    if issubclass(type(held), list):
        return islice(list.__iter__(held), start, stop)  # type: ignore[arg-type]
    if issubclass(type(held), tuple):
        return islice(tuple.__iter__(held), start, stop)  # type: ignore[arg-type]
    if issubclass(type(held), dict):
        return islice(dict.values(held), start, stop)  # type: ignore[arg-type]
    return ()


def key_text(key: object, position: int) -> str:
    """A key as Python writes it; `<Class>` and the position where that would run its own code."""
    return _key_text(key) or f"<{class_name(key)}{f' {position + 1}' if position else ''}>"


def _key_text(key: Any) -> str:
    kind = type(key)
    if kind is str:
        return repr(key) if len(key) <= _KEY_LIMIT else repr(key[:_KEY_LIMIT]) + "…"
    if kind is int and key.bit_length() > _KEY_LIMIT:
        return ""
    if type(kind) is type and kind in _PLAIN_KEYS:
        return repr(key)[:_KEY_LIMIT]
    if kind is tuple and len(key) <= _PARTS_LIMIT:
        return "(" + ", ".join(_key_text(part) or f"<{class_name(part)}>" for part in key) + ")"
    if issubclass(kind, enum.Enum) and type(member := attributes(key).get("_name_")) is str:
        return f"{class_name(key)}.{member}"
    return ""
