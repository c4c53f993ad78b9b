"""The tensors in modules, found once and not again while nothing in them is other than it was.

To walk through a model takes longer than all else at a line, and hardly any line changes one. So
all its modules are asked at once what can have changed, by functions that are written in C. None
of the script's objects is kept alive, and the tensors that are given are those of now.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

import torch
from torch.nn import Module

from engine.script.frames.module_state import ModuleState
from engine.script.frames.module_tree import ModuleBranch, Own, Part, tensors_of
from engine.script.frames.untouched import made_by_script

KNOWN_LIMIT = 256
"""Most modules whose tensors are known at a time."""


class Ways:
    """The ways to the tensors in a module, which make their names."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._ways = tuple(way + name for way, name, _ in parts)
        self._names: dict[str, tuple[str, ...]] = {}

    def of(self, variable: str) -> tuple[str, ...]:
        """Their names in a variable that holds the module."""
        if variable not in self._names:
            self._names[variable] = tuple(variable + way for way in self._ways)
        return self._names[variable]


class FoundTensors(NamedTuple):
    """The tensors in a module."""

    ways: Ways
    tensors: Sequence[torch.Tensor]
    looks: int
    """How many things must be looked at to find them."""


class KnownModules:
    """What was found in modules, by these; `own` as in `modules_in`."""

    def __init__(self, own: Own = made_by_script) -> None:
        self.own = own
        self._whole: dict[int, _Known] = {}
        self._begun: dict[int, _Known] = {}
        """Of large ones the first tensors only."""

    def find(self, module: Module, most: int | None, looks: int) -> FoundTensors:
        """The tensors in a module, its first `most` at least, in fewer than so many `looks`."""
        known = (self._whole if most is None else self._begun).get(id(module))
        found = None if known is None else known.now(module)
        if found is None or found.looks >= looks:
            return self._walked(module, most, looks)
        return found

    def _walked(self, module: Module, most: int | None, looks: int) -> FoundTensors:
        # Of a large module the first tensors are parameters, and nothing else must be watched.
        branches, parts = self._gone_through(module, most, looks, parameters_only=most is not None)
        begun = most is not None and len(parts) == most
        if most is not None and not begun:
            branches, parts = self._gone_through(module, None, looks, parameters_only=False)
        try:
            known = _Known(branches, parts, ModuleState(branches, self.own, parameters_only=begun))
        except Exception:  # it cannot be told what is in it later
            known = None
        if known is not None and known.looks < looks:
            if most is not None:
                _keep(known, module, self._begun)
            if not begun:
                _keep(known, module, self._whole)
        ways = Ways(parts) if known is None else known.ways
        return FoundTensors(ways, [tensor for *_, tensor in parts], len(branches) + len(parts))

    def _gone_through(
        self, module: Module, most: int | None, looks: int, *, parameters_only: bool
    ) -> tuple[list[ModuleBranch], list[Part]]:
        """The modules in a module and the tensors in these, as far as it is gone through."""
        branches: list[ModuleBranch] = []
        parts: list[Part] = []
        found = tensors_of(module, self.own, branches, looks, parameters_only=parameters_only)
        # Another thread may change what is being looked at, and no mistake of this search may
        # become an error of the script.
        with suppress(Exception):
            parts.extend(islice(found, most))
        return branches, parts


def _keep(known: _Known, module: Module, among: dict[int, _Known]) -> None:
    if len(among) >= KNOWN_LIMIT:
        among.clear()
    among[id(module)] = known


class _Known:
    """The ways to the tensors in a module, and what says that they still lead there."""

    def __init__(
        self, branches: Sequence[ModuleBranch], parts: Sequence[Part], state: ModuleState
    ) -> None:
        """Raises KeyError where something has changed since `state` was made."""
        self.ways = Ways(parts)
        self.looks = len(branches) + len(parts)
        self._modules = [weakref.ref(branch.module) for branch in branches]
        self._state = state
        things = self._state.things([branch.module for branch in branches]) or ()
        places = {id(thing): place for place, thing in enumerate(things)}
        self._places = [places[id(tensor)] for *_, tensor in parts]

    def now(self, module: Module) -> FoundTensors | None:
        """The tensors as they are now; None where they may be others."""
        modules: list[Any] = [held() for held in self._modules]
        if modules[0] is not module:
            return None
        try:
            things = self._state.things(modules)
        except Exception:  # one of them is gone, or not what it was
            return None
        if things is None:
            return None
        return FoundTensors(self.ways, [things[place] for place in self._places], self.looks)
