"""The record classes that may stand in a payload, and which types their fields may have.

Whether a record's values have the types of its annotations is asked once for each combination of
types that occurs, not for each record: every type, that of a tuple by the types of its items, has
a number, and a row of these numbers that was accepted before is accepted again.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from operator import attrgetter
from types import ModuleType, NoneType, UnionType
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin, get_type_hints

from engine.recording.file.codec_format import TUPLES_LIMIT, CodecError

_EXACT_TUPLE = 4
_KNOWN_LIMIT = 5_000
_PROMOTED: dict[type, tuple[type, ...]] = {
    int: (int, bool),
    float: (float, int, bool),
    complex: (complex, float, int, bool),
}

Getter = Callable[[Any], tuple[Any, ...]]


@dataclass(eq=False)
class RecordLayout:
    """How the records of one class of a payload are built."""

    name: str
    width: int
    """The number of fields that the payload has of it."""
    build: Callable[..., Any]
    """Makes the record of that many values."""
    hints: tuple[Any, ...]
    literals: tuple[tuple[int, frozenset[object]], ...]
    """The fields that may only be one of some words: their positions, and the words."""
    kind: int
    """The number of the class among the known types."""
    accepted: set[tuple[int, ...]] = field(default_factory=set)
    """Rows of type numbers whose types are those of the fields."""


class KnownTypes:
    """Numbers for types. Items of tuples of up to four are told one by one, of others as a set."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.depths: list[int] = []
        """By number: how deep tuples stand in tuples, 0 for what is no tuple."""
        self.plans: dict[str, RecordLayout] = {}
        """The plans of classes, by their line in a payload."""
        self._names = names
        self._numbers: dict[Any, int] = {}
        self._shapes: list[Any] = []
        self._fitting: dict[tuple[Any, int], bool] = {}
        self._lock = threading.Lock()
        self.of_type(NoneType)

    def __len__(self) -> int:
        return len(self._shapes)

    def of_type(self, kind: type) -> int:
        """The number of a type that is no tuple's."""
        number = self._numbers.get(kind)
        return self._add(kind, 0) if number is None else number

    def of_tuple(self, items: Sequence[int]) -> int:
        """The number of a tuple's type, from those of its items; raises CodecError if too deep."""
        shape = tuple(items) if len(items) <= _EXACT_TUPLE else frozenset(items)
        number = self._numbers.get(shape)
        if number is not None:
            return number
        depth = 1 + max((self.depths[item] for item in shape), default=0)
        if depth > TUPLES_LIMIT:
            raise CodecError(f"records are damaged: tuples are nested over {TUPLES_LIMIT} deep")
        return self._add(shape, depth)

    def check(self, plan: RecordLayout, kinds: tuple[int, ...]) -> None:
        """Raise CodecError unless the types are those of the fields."""
        if len(kinds) != plan.width:
            raise CodecError("records are damaged: their parts do not fit together")
        for hint, kind in zip(plan.hints, kinds, strict=True):
            if not self.fits(hint, kind):
                raise CodecError(f"records are damaged: a field of {plan.name} is of another type")
        plan.accepted.add(kinds)

    def fits(self, hint: Any, kind: int) -> bool:
        """Whether a value of the type is what the annotation says, its length aside."""
        found = self._fitting.get((hint, kind))
        if found is None:
            found = self._fitting[hint, kind] = self._fits(hint, kind)
        return found

    def _fits(self, hint: Any, kind: int) -> bool:
        if isinstance(hint, str | ForwardRef):
            name = hint if isinstance(hint, str) else hint.__forward_arg__
            return self.fits(self._names[name], kind)
        shape = self._shapes[kind]
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, UnionType):
            return any(self.fits(argument, kind) for argument in arguments)
        if origin is Literal:
            return any(type(argument) is shape for argument in arguments)
        if origin is tuple:
            return not isinstance(shape, type) and self._items_fit(arguments, shape)
        if hint in (Any, object):
            return True
        if isinstance(hint, type) and origin is None:
            return isinstance(shape, type) and issubclass(shape, _PROMOTED.get(hint, hint))
        raise TypeError(f"a record's field may not be annotated with {hint}")

    def _items_fit(self, hints: tuple[Any, ...], items: tuple[int, ...] | frozenset[int]) -> bool:
        if hints[-1:] == (...,):
            return all(self.fits(hints[0], item) for item in items)
        exact = isinstance(items, tuple) and len(hints) == len(items)
        return exact and all(map(self.fits, hints, items))

    def _add(self, shape: Any, depth: int) -> int:
        with self._lock:
            number = self._numbers.get(shape)
            if number is None:
                number = len(self._shapes)
                self._shapes.append(shape)
                self.depths.append(depth)
                self._numbers[shape] = number
            return number


class RecordTypes:
    """The dataclasses of some modules, by name."""

    def __init__(self, modules: Iterable[ModuleType], *, but: Collection[type] = ()) -> None:
        """Register them all `but` some.

        Raises TypeError where two have one name or a field is not for init.
        """
        self.fields: dict[type, tuple[tuple[str, ...], Getter, bool]] = {}
        """The names of a class's fields, what gets them all, and whether it has equality."""
        self._classes: dict[str, type] = {}
        self._names: dict[str, Any] = {}
        for module in modules:
            self._names |= vars(module)
            for kind in vars(module).values():
                mine = isinstance(kind, type) and kind.__module__ == module.__name__
                if mine and kind not in but:
                    self._register(kind)
        self._known = KnownTypes(self._names)

    def known(self) -> KnownTypes:
        """The types met so far; anew where strange payloads brought too many."""
        if len(self._known) > _KNOWN_LIMIT:
            self._known = KnownTypes(self._names)
        return self._known

    def plan(self, known: KnownTypes, line: str) -> RecordLayout:
        """The plan for a class and the fields that a payload has; raises CodecError."""
        plan = known.plans.get(line)
        if plan is None:
            plan = self._plan(known, line)
            known.plans[line] = plan
        return plan

    def _plan(self, known: KnownTypes, line: str) -> RecordLayout:
        name, *names = line.split(" ")
        kind = self._classes.get(name)
        if kind is None:
            raise CodecError(f"records of the unknown kind {name[:80]!r}, as of a newer program")
        own = self.fields[kind][0]
        unknown = set(names) - set(own)
        if unknown or len(set(names)) < len(names):
            what = sorted(unknown or names)[0][:80]
            raise CodecError(
                f"{name} records with the unknown field {what!r}, as of a newer program"
            )
        for one in fields(kind):
            if one.name not in names and one.default is MISSING and one.default_factory is MISSING:
                raise CodecError(f"records are damaged: {name} without {one.name!r}")
        hints = get_type_hints(kind, localns=self._names | _names_around(kind))
        literals = tuple(
            (position, frozenset(get_args(hints[field_name])))
            for position, field_name in enumerate(names)
            if get_origin(hints[field_name]) is Literal
        )
        build = kind if own[: len(names)] == tuple(names) else _by_name(kind, names)
        types = tuple(hints[field_name] for field_name in names)
        return RecordLayout(name, len(names), build, types, literals, known.of_type(kind))

    def _register(self, kind: type) -> None:
        if not is_dataclass(kind):
            return
        own = fields(kind)
        if not all(one.init and not one.kw_only for one in own):
            raise TypeError(f"{kind.__name__} has fields that are not arguments in their order")
        if self._classes.setdefault(kind.__name__, kind) is not kind:
            raise TypeError(f"two record classes have the name {kind.__name__}")
        names = tuple(one.name for one in own)
        equal = kind.__eq__ is not object.__eq__
        self.fields[kind] = (names, _getter(names), equal)


def _getter(names: tuple[str, ...]) -> Getter:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


def _names_around(kind: type) -> dict[str, Any]:
    return dict(getattr(sys.modules.get(kind.__module__), "__dict__", {}))


def _by_name(kind: type, names: Sequence[str]) -> Callable[..., Any]:
    return lambda *values: kind(**dict(zip(names, values, strict=True)))
