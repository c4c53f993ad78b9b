"""The modules inside an `nn.Module`, and their tensors, found without asking it.

`named_modules` and its like may be overridden, and fail in a module whose `__init__` has not come
to `super().__init__()`. Modules in a plain list, which torch does not know, are found as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch.nn import Module
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from engine.autograd.quiet import is_nested
from engine.script.frames.untouched import (
    Thing,
    attributes,
    first_items,
    first_of,
    is_a,
    is_simple,
    key_text,
)

Own = Callable[[type], bool]
"""Whether a class is the script's own, so that its attributes mean something to its reader."""

WIDTH_LIMIT = 1024
"""Most plain attributes of a module, and items of containers among them, that are looked at."""
REGISTERED_LIMIT = 100_000
"""Most parameters, buffers or modules that one module is seen to hold."""

KINDS = "_parameters", "_buffers"
"""Where a module keeps the tensors that are registered in it."""


class ModuleBranch(NamedTuple):
    """One module of a tree, with its attributes and the way there: ``, `.fc`, `.blocks[0]`."""

    way: str
    module: Module
    held: dict[str, Any]
    plain: Sequence[tuple[str, Any]]
    """Where the class is the script's own, the attributes that torch knows nothing of."""


Part = tuple[str, str, torch.Tensor]
"""The way to a tensor in two pieces, which are put together only where they are shown."""


def modules_in(module: Module, own: Own) -> Iterator[ModuleBranch]:
    """The module and those in it, depth first, each once."""
    seen: set[int] = set()
    stack = [("", module)]
    while stack:
        way, part = stack.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        held = attributes(part)
        branch = ModuleBranch(way, part, held, _plain(held) if own(type(part)) else ())
        yield branch
        if held.get("_modules") or branch.plain:
            inner = [*registered(branch, "_modules", Module), *unregistered(branch, Module)]
            stack += [(way + more, child) for more, child in reversed(inner)]


def tensors_of(
    module: Module,
    own: Own,
    branches: list[ModuleBranch],
    looks: int,
    *,
    parameters_only: bool = False,
) -> Iterator[Part]:
    """Parameters, then buffers, then plain attributes of all modules in it, each tensor once.

    At most so many things are looked at; `branches` gets the modules that have been.
    """
    seen: set[int] = set()
    for kind in KINDS[:1] if parameters_only else (*KINDS, ""):
        for branch in branches or _kept(modules_in(module, own), branches):
            for name, tensor in _held(branch, kind):
                if id(tensor) not in seen and has_shape(tensor):
                    seen.add(id(tensor))
                    yield branch.way, name, tensor
            if len(branches) + len(seen) >= looks:
                return


def _kept(found: Iterable[ModuleBranch], branches: list[ModuleBranch]) -> Iterator[ModuleBranch]:
    for branch in found:
        branches.append(branch)
        yield branch


def _held(branch: ModuleBranch, kind: str) -> Iterable[tuple[str, torch.Tensor]]:
    if kind:
        # Most modules hold nothing of a kind, and a model has many.
        return registered(branch, kind, torch.Tensor) if branch.held.get(kind) else ()
    return unregistered(branch, torch.Tensor) if branch.plain else ()


def has_shape(tensor: torch.Tensor) -> bool:
    """Whether a tensor has a shape to show, as nested ones and those of lazy modules have not."""
    kind = type(tensor)
    plain = kind is torch.Tensor or kind is torch.nn.Parameter
    lazy = not plain and issubclass(kind, UninitializedParameter | UninitializedBuffer)
    return not lazy and not is_nested(tensor)


def registered(branch: ModuleBranch, kind: str, wanted: type[Thing]) -> Sequence[tuple[str, Thing]]:
    """What a module has in `_parameters`, `_buffers` or `_modules`; nothing before it is set up."""
    named = branch.held.get(kind)
    if not named or not is_a(named, dict):
        return ()
    return [
        (f".{name}", part)
        for name, part in first_items(named, REGISTERED_LIMIT)
        if issubclass(type(part), wanted) and type(name) is str
    ]


def unregistered(branch: ModuleBranch, wanted: type[Thing]) -> Iterator[tuple[str, Thing]]:
    """Among a module's other attributes, and the items of plain containers among them."""
    left = WIDTH_LIMIT
    for name, thing in branch.plain:
        if is_a(thing, wanted):
            yield f".{name}", thing
            continue
        for i, part in enumerate(first_of(thing, 0, left)):
            left -= 1
            if is_a(part, wanted):
                key = key_text(first_items(thing, i + 1)[i][0], i) if is_a(thing, dict) else i
                yield f".{name}[{key}]", part


def _plain(held: dict[str, Any]) -> Sequence[tuple[str, Any]]:
    return [
        (name, thing)
        for name, thing in first_items(held, WIDTH_LIMIT)
        if type(name) is str and name[:1] != "_" and not is_simple(thing)
    ]
