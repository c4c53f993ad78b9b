"""Finding the tensors among a script's variables, also inside containers, modules and objects.

A module's parameters and buffers are found whole, since a graph's leaves go by their names; a
table shows the first of them, and how many more there are. Nothing of the script's own runs here,
and however much there is, no more than a fixed number of things is looked at.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from types import MappingProxyType
from typing import NamedTuple

import torch

from engine.script.frames.known_modules import KnownModules
from engine.script.frames.module_tree import Part, has_shape
from engine.script.frames.untouched import (
    attributes,
    first_items,
    first_of,
    is_a,
    is_simple,
    key_text,
    slots,
)

SHOWN_LIMIT = 64
"""Most tensors of one variable that are shown, and most items of a container searched."""
DEPTH_LIMIT = 2
"""Containers in containers are opened so far."""
LOOKS = 10_000
"""Most things that are looked at for a line's table."""
NAMING_LOOKS = 200_000
"""Most things that are looked at to name a graph's leaves."""

_UNNAMED = "…"
"""Stands for the name of a tensor that is counted only."""

Rest = tuple[int, int]
"""The `id` of what a variable was bound to, and how many tensors it had besides those shown."""


class Shown(NamedTuple):
    """The tensors in scope that a table shows."""

    variables: dict[str, dict[str, torch.Tensor]]
    """By the variables that hold any, and by their names."""
    more: int
    """The number of further tensors in scope, as far as they were counted."""
    rests: dict[str, Rest]
    """How many of them each variable has that has any."""


def tensors_in(
    scope: Mapping[str, object], modules: KnownModules | None = None
) -> dict[str, torch.Tensor]:
    """Name → tensor, the best names first: `w`, `layers[0]`, `cache['x']`, `model.fc.weight`.

    Of objects only those are opened whose class is the script's own, as `modules` have it.
    Tensors without a shape to show, nested ones and those of lazy modules, are left out.
    """
    search = _Search(modules or KnownModules(), NAMING_LOOKS)
    found: dict[str, torch.Tensor] = {}
    # The first name of a leaf is its name: `model.bias` tells more than `self.bias`, and that more
    # than the `p` of a loop over parameters.
    for name, thing in sorted(search.variables(scope), key=_vagueness):
        found.update(search.table(name, thing, None, NAMING_LOOKS)[0])
    return found


def shown_in(
    scope: Mapping[str, object],
    modules: KnownModules | None = None,
    known: Mapping[str, Rest] = MappingProxyType({}),
) -> Shown:
    """The first `SHOWN_LIMIT` of every variable, as `tensors_in` names them.

    Of variables whose rest is `known` that is not counted again: to go through a large model
    takes longer than all else at a line.
    """
    search = _Search(modules or KnownModules(), LOOKS)
    shown: dict[str, dict[str, torch.Tensor]] = {}
    rests: dict[str, Rest] = {}
    for name, thing in search.variables(scope):
        if type(thing) is torch.Tensor and has_shape(thing):  # as most are, and told quickly
            shown[name] = {name: thing}
            continue
        before, counted = known.get(name, (0, 0))
        if before == id(thing):
            tensors, rest = search.table(name, thing, SHOWN_LIMIT + 1)
            rest = counted if rest else 0
        else:
            tensors, rest = search.table(name, thing, None)
        if tensors:
            shown[name] = tensors
        if rest:
            rests[name] = id(thing), rest
    return Shown(shown, sum(rest for _, rest in rests.values()), rests)


def _vagueness(variable: tuple[str, object]) -> int:
    """How little a variable's name tells of which tensors are meant."""
    name, thing = variable
    return 2 if is_a(thing, torch.nn.Parameter) else int(name in _PASSED_ON)


class _Search:
    """One search through a scope, in which so many things may be looked at."""

    def __init__(self, modules: KnownModules, looks: int) -> None:
        self._modules = modules
        self._left = looks

    def variables(self, scope: Mapping[str, object]) -> Iterator[tuple[str, object]]:
        """The variables that may hold tensors."""
        for name, thing in list(islice(scope.items(), self._left)):
            self._left -= 1
            kind = type(thing)
            if type(kind) is type and kind in _SIMPLE:  # as most are, and told quickly
                continue
            if type(name) is str and name[:1] != "_" and not issubclass(kind, _NO_VALUES):
                yield name, thing

    def table(
        self, variable: str, thing: object, most: int | None, limit: int = SHOWN_LIMIT
    ) -> tuple[dict[str, torch.Tensor], int]:
        """So many tensors of a variable by their names, and how many more of the first `most`."""
        if is_a(thing, torch.Tensor):
            return ({variable: thing} if has_shape(thing) else {}), 0
        if is_a(thing, torch.nn.Module):
            found = self._modules.find(thing, most, self._left)
            self._left -= found.looks
            named = zip(found.ways.of(variable), found.tensors, strict=True)
            return dict(islice(named, limit)), max(len(found.tensors) - limit, 0)
        tensors: dict[str, torch.Tensor] = {}
        rest = 0
        for way, last, tensor in islice(self.parts(thing, most), most):
            if len(tensors) < limit and way is not _UNNAMED:
                tensors[f"{variable}{way}{last}"] = tensor
            else:
                rest += 1
        return tensors, rest

    def parts(self, thing: object, most: int | None = None) -> Iterator[Part]:
        """The tensors in a variable; what was found so far where it cannot be searched.

        Of a module in it `most` may be enough.
        """
        if is_a(thing, torch.Tensor):
            if has_shape(thing):
                yield "", "", thing
            return
        try:
            yield from self._inside(thing, "", 0, most)
        # Nothing here is known to raise, but another thread may change what is being looked at,
        # and no mistake of this search may become an error of the script.
        except Exception:
            return

    def _inside(self, thing: object, way: str, depth: int, most: int | None) -> Iterator[Part]:
        if depth == DEPTH_LIMIT:
            return
        if is_a(thing, torch.nn.Module):
            in_it = self._modules.find(thing, most, self._left)
            self._left -= in_it.looks
            for last, tensor in zip(in_it.ways.of(""), in_it.tensors, strict=True):
                yield way, last, tensor
            return
        found = False
        for suffix, part in self._items(thing):
            self._left -= 1
            if self._left <= 0:
                return
            if is_a(part, torch.Tensor):
                if has_shape(part):
                    found = True
                    yield way, suffix, part
            elif not is_simple(part):
                yield from self._inside(part, way + suffix, depth + 1, most)
        if found:
            for part in first_of(thing, SHOWN_LIMIT, SHOWN_LIMIT + self._left):  # type: ignore
                self._left -= 1
                if is_a(part, torch.Tensor):
                    yield _UNNAMED, "", part

    def _items(self, thing: object) -> Iterable[tuple[str, object]]:
        if is_a(thing, list) or is_a(thing, tuple):
            return ((f"[{i}]", part) for i, part in enumerate(first_of(thing, 0, SHOWN_LIMIT)))
        if is_a(thing, dict):
            pairs = enumerate(first_items(thing, SHOWN_LIMIT))
            return ((f"[{key_text(key, i)}]", part) for i, (key, part) in pairs)
        if self._modules.own(type(thing)) and not is_a(thing, torch.optim.Optimizer):
            held = chain(first_items(attributes(thing), SHOWN_LIMIT), slots(thing))
            return ((f".{name}", part) for name, part in held if type(name) is str)
        return ()


_PASSED_ON = "self", "args", "kwargs"
"""What a function calls things that have names elsewhere."""
_NO_VALUES = (type, types.ModuleType, types.FunctionType, str, int, float)
_SIMPLE = frozenset({*_NO_VALUES, bool, type(None), types.BuiltinFunctionType})
