"""What modules hold, so that it is told at once whether they hold the same now.

It is read by functions that are written in C, for hundreds of modules are compared at every line.
Nothing of the script's is kept but names: of all else the `id`, and that of its class.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat
from operator import is_, itemgetter
from typing import Any

import torch
from torch.nn import Module

from engine.autograd.quiet import is_nested
from engine.script.frames.module_tree import KINDS, WIDTH_LIMIT, ModuleBranch, Own
from engine.script.frames.untouched import first_of, is_a

_dict_of: Callable[[Module], dict[str, Any]] = vars(Module)["__dict__"].__get__
_Getter = Callable[[dict[str, Any]], tuple[Any, ...]]
_REGISTERED: _Getter = itemgetter(*KINDS, "_modules")
_PARAMETERS: _Getter = itemgetter(KINDS[0], "_modules")


class UntoldError(Exception):
    """What modules hold cannot be told in this way."""


class ModuleState:
    """What is registered in modules, and the attributes of those of the script's own classes."""

    def __init__(
        self, branches: Sequence[ModuleBranch], own: Own, *, parameters_only: bool = False
    ) -> None:
        """With `parameters_only` of tensors these alone.

        Raises UntoldError, as where a list of the script's holds modules or tensors.
        """
        modules = [branch.module for branch in branches]
        self._registered = _PARAMETERS if parameters_only else _REGISTERED
        self._own = [at for at, module in enumerate(modules) if own(type(module))]
        self._attributes: list[tuple[int, _Getter]] = []
        """What gets the attributes of own modules that are looked at, by the modules' places."""
        self._tensors: list[tuple[int, str]] = []
        """Attributes that are tensors: the place of the module, and the name."""
        self._containers: list[tuple[int, str]] = []
        held, dicts = self._dicts_of(modules)
        self._names = [*chain.from_iterable(dicts)]
        if any(type(name) is not str for name in self._names):
            raise UntoldError  # or they could not be kept
        for at in self._own:
            self._look_at(at, branches[at])
        things = self._things_of(held, dicts)
        if any(is_a(thing, torch.Tensor) and is_nested(thing) for thing in things):
            raise UntoldError  # its class does not say so
        self._sizes = [*map(len, dicts)]
        self._ids = [*map(id, things)]
        self._classes = self._classes_of(modules[0], things, held)

    def things(self, modules: Sequence[Module]) -> list[Any] | None:
        """What is registered, then the attributes that are tensors; None where they are others.

        Raises anything where one of the modules is none any more.
        """
        held, dicts = self._dicts_of(modules)
        things = self._things_of(held, dicts)
        is_same = (
            [*map(len, dicts)] == self._sizes
            and all(map(is_, chain.from_iterable(dicts), self._names))
            and [*map(id, things)] == self._ids
            and self._classes_of(modules[0], things, held) == self._classes
        )
        return things if is_same else None

    def _look_at(self, at: int, branch: ModuleBranch) -> None:
        names = [name for name in branch.held if name[:1] != "_"]
        if names:
            self._attributes.append((at, itemgetter(*names, names[0])))
        left = WIDTH_LIMIT - len(branch.held)
        for name, thing in branch.plain:
            if is_a(thing, torch.Tensor):
                self._tensors.append((at, name))
            elif is_a(thing, Module) or any(map(_holds_tensors, _items(thing))):
                raise UntoldError
            elif is_a(thing, list) or is_a(thing, tuple) or is_a(thing, dict):
                self._containers.append((at, name))
                left -= len([*_items(thing)])
        if left < 0:
            raise UntoldError

    def _dicts_of(
        self, modules: Sequence[Module]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The attributes of every module, and all dicts that are looked into."""
        held = [*map(_dict_of, modules)]
        _check_dicts(held)
        dicts = [*chain.from_iterable(map(self._registered, held))]
        _check_dicts(dicts)
        return held, [*dicts, *(held[at] for at in self._own)]

    def _things_of(self, held: list[dict[str, Any]], dicts: list[dict[str, Any]]) -> list[Any]:
        # Many times as quick as to ask each for its values; keys that are no names make it longer.
        things = gc.get_referents(*dicts[: len(dicts) - len(self._own)])
        return things + [held[at][name] for at, name in self._tensors]

    def _classes_of(
        self, outermost: Module, things: Iterable[Any], held: list[dict[str, Any]]
    ) -> list[list[int]]:
        attributes = (getter(held[at]) for at, getter in self._attributes)
        inside = (_items(held[at][name]) for at, name in self._containers)
        seen = chain((outermost,), things, chain.from_iterable(attributes))
        return [_classes(seen), *map(_classes, inside)]


def _check_dicts(dicts: Iterable[object]) -> None:
    """Raise UntoldError where one has methods of its own."""
    if not all(map(is_, map(type, dicts), repeat(dict))):
        raise UntoldError


def _classes(things: Iterable[object]) -> list[int]:
    return [*map(id, map(type, things))]


def _items(container: Any) -> Iterable[object]:
    return first_of(container, 0, WIDTH_LIMIT + 1)


def _holds_tensors(thing: object) -> bool:
    return is_a(thing, torch.Tensor) or is_a(thing, Module)
