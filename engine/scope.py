"""Finding the tensors among a script's variables, also inside containers, modules and objects."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import torch

NESTED_LIMIT = 64
"""At most so many tensors are shown of one container, module or object."""
DEPTH_LIMIT = 2
"""Containers in containers are opened so far."""


def tensors_in(scope: Mapping[str, object]) -> dict[str, torch.Tensor]:
    """Name → tensor in binding order: `w`, `layers[0]`, `cache['x']`, `model.fc.weight`.

    Of objects only those are opened whose class the script itself defines. Nested tensors,
    which have no shape to show, are left out.
    """
    found: dict[str, torch.Tensor] = {}
    for name, thing in scope.items():
        if name.startswith("_") or isinstance(thing, type | types.ModuleType):
            continue
        if isinstance(thing, torch.Tensor):
            found[name] = thing
        else:
            for suffix, tensor in _parts(thing):
                found[name + suffix] = tensor
    return {name: tensor for name, tensor in found.items() if not tensor.is_nested}


def _parts(thing: object, depth: int = 0) -> Iterator[tuple[str, torch.Tensor]]:
    found = (
        (suffix + deeper, tensor)
        for suffix, part in _items(thing, depth)
        for deeper, tensor in (
            [("", part)] if isinstance(part, torch.Tensor) else _parts(part, depth + 1)
        )
    )
    return islice(found, NESTED_LIMIT)


def _items(thing: object, depth: int) -> Iterable[tuple[str, object]]:
    if depth == DEPTH_LIMIT:
        return ()
    if isinstance(thing, torch.nn.Module):
        return ((f".{name}", parameter) for name, parameter in thing.named_parameters())
    if isinstance(thing, list | tuple):
        return ((f"[{i}]", part) for i, part in enumerate(thing[:NESTED_LIMIT]))
    if isinstance(thing, dict):
        return ((f"[{key!r}]", part) for key, part in list(thing.items())[:NESTED_LIMIT])
    if type(thing).__module__ == "__main__" and hasattr(thing, "__dict__"):
        return ((f".{name}", part) for name, part in list(vars(thing).items())[:NESTED_LIMIT])
    return ()
