"""Finding the tensors among a script's variables, also inside containers, modules and objects.

A module's parameters and buffers are found whole, since a graph's leaves go by their names; a
table shows the first of them, and how many more there are.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping, ValuesView
from itertools import chain, islice
from typing import NamedTuple

import torch

SHOWN_LIMIT = 64
"""Most tensors of one variable that are shown, and most items of a container searched."""
DEPTH_LIMIT = 2
"""Containers in containers are opened so far."""


class Shown(NamedTuple):
    """The tensors in scope that a table shows."""

    tensors: dict[str, torch.Tensor]
    more: int
    """The number of further tensors in scope."""


def tensors_in(scope: Mapping[str, object]) -> dict[str, torch.Tensor]:
    """Name → tensor in binding order: `w`, `layers[0]`, `cache['x']`, `model.fc.weight`.

    Of objects only those are opened whose class the script itself defines. Nested tensors,
    which have no shape to show, are left out.
    """
    return {
        name + suffix: tensor
        for name, thing in _variables(scope)
        for suffix, tensor in _parts(thing)
        if not tensor.is_nested
    }


def shown_in(scope: Mapping[str, object]) -> Shown:
    """The first `SHOWN_LIMIT` of every variable, as `tensors_in` names them."""
    tensors: dict[str, torch.Tensor] = {}
    more = 0
    for name, thing in _variables(scope):
        parts = list(islice(_parts(thing), SHOWN_LIMIT))
        tensors.update((name + suffix, part) for suffix, part in parts if not part.is_nested)
        if len(parts) == SHOWN_LIMIT:
            more += _count(thing) - SHOWN_LIMIT
    return Shown(tensors, more)


def _variables(scope: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, thing in scope.items():
        if not name.startswith("_") and not isinstance(thing, type | types.ModuleType):
            yield name, thing


def _parts(thing: object, depth: int = 0) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(thing, torch.Tensor):
        yield "", thing
        return
    for suffix, part in _items(thing, depth):
        if isinstance(part, torch.Tensor):
            yield suffix, part
        else:
            for deeper, tensor in _parts(part, depth + 1):
                yield suffix + deeper, tensor


def _items(thing: object, depth: int) -> Iterable[tuple[str, object]]:
    if depth == DEPTH_LIMIT:
        return ()
    if isinstance(thing, torch.nn.Module):
        held = chain(thing.named_parameters(), thing.named_buffers())
        return ((f".{name}", tensor) for name, tensor in held)
    if isinstance(thing, list | tuple):
        return ((f"[{i}]", part) for i, part in enumerate(thing[:SHOWN_LIMIT]))
    if isinstance(thing, dict):
        return ((f"[{key!r}]", part) for key, part in list(thing.items())[:SHOWN_LIMIT])
    if type(thing).__module__ == "__main__" and hasattr(thing, "__dict__"):
        return ((f".{name}", part) for name, part in list(vars(thing).items())[:SHOWN_LIMIT])
    return ()


def _count(thing: object, depth: int = 0) -> int:
    """How many tensors there are, those of a container that are not opened included."""
    if isinstance(thing, torch.Tensor):
        return 1
    if depth == DEPTH_LIMIT:
        return 0
    if isinstance(thing, torch.nn.Module):
        return _size(thing)
    opened = sum(_count(part, depth + 1) for _, part in _items(thing, depth))
    whole = thing.values() if isinstance(thing, dict) else thing
    if isinstance(whole, list | tuple | ValuesView):
        rest = islice(whole, SHOWN_LIMIT, None)
        return opened + sum(isinstance(part, torch.Tensor) for part in rest)
    return opened


def _size(module: torch.nn.Module) -> int:
    """How many parameters and buffers a module has: asked at every line, so without names."""
    parts: set[torch.nn.Module] = set()
    level = {module}
    while level:
        parts |= level
        inner = chain.from_iterable(part._modules.values() for part in level)
        level = {part for part in inner if part is not None} - parts
    held = (tensors.values() for part in parts for tensors in (part._parameters, part._buffers))
    return len(set(map(id, chain.from_iterable(held))) - {id(None)})
