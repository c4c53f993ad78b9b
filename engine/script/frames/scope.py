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
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from engine.autograd.quiet import is_nested
from engine.script.frames.module_tree import ModuleBranch, Own, modules_in, registered, unregistered
from engine.script.frames.untouched import (
    attributes,
    first_items,
    first_of,
    is_a,
    is_simple,
    key_text,
    made_by_script,
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

    tensors: dict[str, torch.Tensor]
    more: int
    """The number of further tensors in scope, as far as they were counted."""
    rests: dict[str, Rest]
    """How many of them each variable has that has any."""


def tensors_in(scope: Mapping[str, object], own: Own = made_by_script) -> dict[str, torch.Tensor]:
    """Name → tensor, the best names first: `w`, `layers[0]`, `cache['x']`, `model.fc.weight`.

    Of objects only those are opened whose class is the script's `own`. Tensors without a shape
    to show, nested ones and those of lazy modules, are left out.
    """
    search = _Search(own, NAMING_LOOKS)
    found: dict[str, torch.Tensor] = {}
    # The first name of a leaf is its name: `model.bias` tells more than `self.bias`, and that more
    # than the `p` of a loop over parameters.
    for name, thing in sorted(search.variables(scope), key=_vagueness):
        for way, last, tensor in search.parts(thing):
            if way is not _UNNAMED:
                found[f"{name}{way}{last}"] = tensor
    return found


def shown_in(
    scope: Mapping[str, object],
    own: Own = made_by_script,
    known: Mapping[str, Rest] = MappingProxyType({}),
) -> Shown:
    """The first `SHOWN_LIMIT` of every variable, as `tensors_in` names them.

    Of variables whose rest is `known` that is not counted again: to go through a large model
    takes longer than all else at a line.
    """
    search = _Search(own, LOOKS)
    tensors: dict[str, torch.Tensor] = {}
    rests: dict[str, Rest] = {}
    for name, thing in search.variables(scope):
        before, counted = known.get(name, (0, 0))
        shown = rest = 0
        for way, last, tensor in search.parts(thing):
            if shown < SHOWN_LIMIT and way is not _UNNAMED:
                tensors[f"{name}{way}{last}"] = tensor
                shown += 1
            elif before == id(thing):
                rest = counted
                break
            else:
                rest += 1
        if rest:
            rests[name] = id(thing), rest
    return Shown(tensors, sum(rest for _, rest in rests.values()), rests)


def _vagueness(variable: tuple[str, object]) -> int:
    """How little a variable's name tells of which tensors are meant."""
    name, thing = variable
    return 2 if is_a(thing, torch.nn.Parameter) else int(name == "self")


_Part = tuple[str, str, torch.Tensor]
"""The way to a tensor in two pieces, which are put together only where they are shown."""


class _Search:
    """One search through a scope; `left` is how many things it may still look at."""

    def __init__(self, own: Own, looks: int) -> None:
        self._own = own
        self._left = looks

    def variables(self, scope: Mapping[str, object]) -> Iterator[tuple[str, object]]:
        """The variables that may hold tensors."""
        for name, thing in list(islice(scope.items(), self._left)):
            self._left -= 1
            kind = type(thing)
            if type(name) is str and name[:1] != "_" and not issubclass(kind, _NO_VALUES):
                yield name, thing

    def parts(self, thing: object) -> Iterator[_Part]:
        """The tensors in a variable; what was found so far where it cannot be searched."""
        if is_a(thing, torch.Tensor):
            if _has_shape(thing):
                yield "", "", thing
            return
        try:
            yield from self._inside(thing, "", 0)
        # Nothing here is known to raise, but another thread may change what is being looked at,
        # and no mistake of this search may become an error of the script.
        except Exception:
            return

    def _inside(self, thing: object, way: str, depth: int) -> Iterator[_Part]:
        if depth == DEPTH_LIMIT:
            return
        if is_a(thing, torch.nn.Module):
            yield from self._of_module(thing, way)
            return
        found = False
        for suffix, part in self._items(thing):
            self._left -= 1
            if self._left <= 0:
                return
            if is_a(part, torch.Tensor):
                if _has_shape(part):
                    found = True
                    yield way, suffix, part
            elif not is_simple(part):
                yield from self._inside(part, way + suffix, depth + 1)
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
        if self._own(type(thing)) and not is_a(thing, torch.optim.Optimizer):
            held = chain(first_items(attributes(thing), SHOWN_LIMIT), slots(thing))
            return ((f".{name}", part) for name, part in held if type(name) is str)
        return ()

    def _of_module(self, module: torch.nn.Module, way: str) -> Iterator[_Part]:
        """Parameters, then buffers, then plain attributes, each tensor once."""
        branches: list[ModuleBranch] = []
        seen: set[int] = set()
        for kind in ("_parameters", "_buffers", ""):
            for branch in branches or self._branches(module, branches):
                for name, tensor in _held(branch, kind):
                    if id(tensor) not in seen and _has_shape(tensor):
                        seen.add(id(tensor))
                        self._left -= 1
                        yield way + branch.way, name, tensor
                if self._left <= 0:
                    return

    def _branches(
        self, module: torch.nn.Module, found: list[ModuleBranch]
    ) -> Iterator[ModuleBranch]:
        """The module and those in it, which are kept in `found`."""
        for branch in modules_in(module, self._own):
            found.append(branch)
            self._left -= 1
            yield branch


def _held(branch: ModuleBranch, kind: str) -> Iterable[tuple[str, torch.Tensor]]:
    if kind:
        # Most modules hold nothing of a kind, and a model of many is gone through at every line.
        return registered(branch, kind, torch.Tensor) if branch.held.get(kind) else ()
    return unregistered(branch, torch.Tensor) if branch.plain else ()


_NO_VALUES = (type, types.ModuleType, types.FunctionType, str, int, float)


def _has_shape(tensor: torch.Tensor) -> bool:
    if type(tensor) is torch.Tensor or type(tensor) is torch.nn.Parameter:
        return not is_nested(tensor)
    lazy = issubclass(type(tensor), UninitializedParameter | UninitializedBuffer)
    return not lazy and not is_nested(tensor)
