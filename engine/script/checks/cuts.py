"""Where history ends: calls that take a tensor with a graph and give back one without.

What is computed from such a tensor alone has no graph either, so it is followed by identity to
where somebody calls backward on it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import torch

from engine.autograd.quiet import requires_grad
from engine.script.checks.places import Place

CUTS_LIMIT = 5_000
"""Most tensors that are followed."""


class Cut(NamedTuple):
    """A call behind which there is no history."""

    name: str
    """Of the function: `argmax`."""
    expression: str
    place: Place


class Cuts:
    """Follows tensors without a graph back to the call that had one."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[weakref.ref[torch.Tensor], Cut]] = {}

    def add(
        self,
        func: Callable[..., Any],
        arguments: Iterable[Any],
        result: torch.Tensor,
        here: Callable[[], tuple[str, Place] | None],
    ) -> None:
        """A call has given back a tensor without a graph; `here` says of what and where."""
        tensors = [one for one in arguments if isinstance(one, torch.Tensor)]
        found = next((cut for one in tensors if (cut := self.of(one)) is not None), None)
        if any(map(requires_grad, tensors)):
            where = here()
            name = getattr(func, "__name__", "")
            found = Cut("data" if name == "__get__" else name, *where) if where else None
        if found is not None:
            if len(self._made) >= CUTS_LIMIT:
                self._made.clear()
            self._made[id(result)] = weakref.ref(result), found

    def of(self, tensor: torch.Tensor) -> Cut | None:
        """Return where a tensor's history ended; None where that was not seen."""
        known = self._made.get(id(tensor))
        return known[1] if known is not None and known[0]() is tensor else None
