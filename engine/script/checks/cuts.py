"""Where history ends: calls that take a tensor with a graph and give back one without.

What is computed from such a tensor alone has no graph either, so it is followed by identity to
where somebody calls backward on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import torch

from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import dtype, requires_grad
from engine.script.checks.grad_mode import SwitchedOff
from engine.script.checks.places import Place

CUTS_LIMIT = 5_000
"""Most tensors that are followed."""
SOURCES_LIMIT = 64
"""Of what was computed from more tensors than these it is not known from which."""
NOT_CUT = frozenset({"grad", "_grad"})
"""Properties of a tensor that are tensors of their own."""
CHECKPOINT = "checkpoint"
"""What runs its function under no_grad where none of its inputs requires grad."""
GRAD = "autograd.grad"
"""What gives gradients without a history, unless it is told to create one."""
GRAD_OF_NONE = "autograd.grad of what is linear"
"""The same where it was told to, and there was none to create."""
MAKERS = frozenset({"tensor", "as_tensor"})
"""What makes a tensor of the numbers of others."""
PARTS = 64
"""Tensors of a list that are looked at."""


def tensors_in(arguments: Iterable[Any], most: int | None = PARTS) -> list[torch.Tensor]:
    """Return the tensors among arguments, and in lists or tuples there the first `most`."""
    found: list[torch.Tensor] = []
    for one in arguments:
        if isinstance(one, torch.Tensor):
            found.append(one)
        elif isinstance(one, list | tuple):
            found += (part for part in one[:most] if isinstance(part, torch.Tensor))
    return found


def name_of(func: Callable[..., Any]) -> str:
    """Return the name of a function; for the getter of a property that of the property."""
    name: str = getattr(func, "__name__", "")
    return getattr(getattr(func, "__self__", None), "__name__", name) if name == "__get__" else name


class Cut(NamedTuple):
    """A call behind which there is no history."""

    name: str
    """Of the function: `argmax`."""
    expression: str
    place: Place
    off: SwitchedOff | None = None
    """What had switched grad mode off, where that is why."""

    def instead_for(self, name: str) -> str:
        """Return what to do for what is computed behind it, and called so, to have a history."""
        return f"Compute {name} without {self.name}, with functions that have a gradient."


class Late(NamedTuple):
    """A tensor that was made to require grad only after something was computed from it."""

    name: str | None
    place: Place


class Cuts:
    """Follows tensors without a graph back to the call that had one, and to what they are of."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[OwnRef, Cut]] = {}
        self._sources: dict[int, tuple[OwnRef, frozenset[int]]] = {}
        """By the `id` of a tensor without a graph, those of all that it was computed from."""
        self._used: dict[Place, Cut] = {}
        """Cuts behind which something with a graph was computed again."""
        self._tracked: dict[int, Late] = {}
        """By the `id` of a tensor, where it was made to require grad."""

    def used(self, arguments: Iterable[Any]) -> None:
        """A call has made a tensor with a graph of these; some may be cut off from another."""
        for one in arguments:
            cut = self.of(one) if id(one) in self._made else None  # hardly any is, of many calls
            # Integers choose, as the rows of a table: nobody expects a gradient through them.
            if (
                cut is not None
                and cut.name not in (GRAD, GRAD_OF_NONE)
                and dtype(one).is_floating_point
            ):
                self._used.setdefault(cut.place, cut)

    @property
    def only_used(self) -> Cut | None:
        """The only call behind which a history went on anew; None where there are more or none."""
        return next(iter(self._used.values())) if len(self._used) == 1 else None

    def tracked(self, tensor: torch.Tensor, name: str | None, place: Place) -> None:
        """A tensor has been made to require grad."""
        if len(self._tracked) < CUTS_LIMIT:
            self._tracked.setdefault(id(tensor), Late(name, place))

    def late(self, root: torch.Tensor) -> Late | None:
        """Return what a tensor was computed from before it required grad; None: of no such."""
        known = self._sources.get(id(root))
        if known is None or known[0]() is not root:
            return None
        return next((self._tracked[one] for one in known[1] if one in self._tracked), None)

    def _follow(self, tensors: Iterable[torch.Tensor], result: torch.Tensor) -> None:
        if len(self._sources) >= CUTS_LIMIT:
            self._sources.clear()
        sources: set[int] = set()
        for tensor in tensors:
            known = self._sources.get(id(tensor))
            sources.add(id(tensor))
            if known is not None and known[0]() is tensor:
                sources |= known[1]
        if len(sources) <= SOURCES_LIMIT:
            self._sources[id(result)] = OwnRef(result), frozenset(sources)

    def add(
        self,
        func: Callable[..., Any],
        arguments: Iterable[Any],
        result: torch.Tensor,
        here: Callable[[], tuple[str, Place, SwitchedOff | None] | None],
    ) -> None:
        """A call has given back a tensor without a graph; `here` says of what and where."""
        tensors = tensors_in(arguments)
        self._follow(tensors, result)
        found = next((cut for one in tensors if (cut := self.of(one)) is not None), None)
        if found is None and any(map(requires_grad, tensors)):
            name = name_of(func)
            where = here() if name not in NOT_CUT else None
            # Grad mode is off, and not by the script: an optimizer is at work, or a checkpoint.
            ours = where is not None and (where[2] is not None or torch.is_grad_enabled())
            if where is not None and not ours and CHECKPOINT in where[0]:
                name, ours = CHECKPOINT, True
            found = Cut(name, *where) if where and ours else None
        if found is not None:
            self.cut(result, found)

    def cut(self, result: torch.Tensor, found: Cut) -> None:
        """A tensor has no history behind a call, or none that goes back beyond it."""
        if len(self._made) >= CUTS_LIMIT:
            self._made.clear()
        self._made[id(result)] = OwnRef(result), found

    def of(self, tensor: torch.Tensor) -> Cut | None:
        """Return where a tensor's history ended; None where that was not seen."""
        known = self._made.get(id(tensor))
        return known[1] if known is not None and known[0]() is tensor else None
