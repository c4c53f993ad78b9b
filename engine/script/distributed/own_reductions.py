"""Gradients that the script reduces by its own calls, between a pass and the update.

A call gets a gradient itself, or a copy of one or many: `all_reduce(p.grad)`, a flattened model.
Whether the sum becomes a mean is read off what the numbers were before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist

from engine.autograd.own_ref import OwnRef
from engine.autograd.quiet import plain_of, quiet
from engine.script.distributed.collectives import Call, ranks_in, tensors_of
from engine.script.distributed.local_gradients import LocalGradients
from engine.script.distributed.marks import flat_of, local_of
from engine.script.passes.norms import norms_of

REDUCING = ("all_reduce", "all_reduce_coalesced", "reduce", "reduce_scatter", "all_gather")
"""What the names of such calls begin with."""
COPIED = 4096
"""Of gradients up to this size the result is kept, should the script zero them itself."""
MEASURED = 8
"""So many calls of a pass are looked at for whether they make a mean."""
CALLS_LIMIT = 20_000
"""Most calls between two passes that are kept."""


@dataclass(slots=True)
class OwnReduction:
    """One call of the script's own that reduced something over all ranks."""

    elements: int
    bytes: int
    position: int | None
    """Of the leaf whose gradient it was given; None where it was given anything else."""
    averaged: bool
    """Whether the call itself makes a mean."""
    before: torch.Tensor | None = None
    """The norm of what it was given; None where it was not looked at."""
    after: torch.Tensor | None = None
    copy: torch.Tensor | None = None
    """The result, where it is small."""
    version: int = 0
    """Of the tensor that it was given, right after it."""
    given: OwnRef | None = None
    result: torch.Tensor | None = None
    """What it gave back in place of writing it."""

    @property
    def was_written_since(self) -> bool:
        """Whether what it gave was written again, other than by clipping: divided, most likely."""
        tensor = self.given() if self.given is not None else None
        writes = 0 if tensor is None else tensor._version - self.version
        return writes > (0 if self.position is None else 1)


_Given = tuple[OwnReduction, torch.Tensor]
"""A call, and a tensor that it was given."""


class OwnReductions:
    """Sees such calls after a pass: `began` says which gradients it left; `note` what fails."""

    def __init__(self, world_size: int, note: Callable[[str], object]) -> None:
        self._note = note
        self._world_size = world_size
        self.calls: list[OwnReduction] = []
        self.copies = True
        """Whether results are kept: as long as no optimizer makes updates."""
        self.in_part = False
        """Whether a call has reduced over some of the ranks only."""
        self._gradients: Sequence[torch.Tensor | None] = ()
        self._positions: dict[int, int] | None = None
        self._local: LocalGradients | None = None
        """Of the pass that runs."""
        self._works: dict[int, Sequence[_Given]] = {}

    def passes(self, local: LocalGradients) -> None:
        """A pass begins: hooks of the script's may reduce what comes to its leaves."""
        self.calls, self._local = [], local
        self._works.clear()

    def began(self, gradients: Sequence[torch.Tensor | None]) -> None:
        """A pass has left these gradients; what follows is about them."""
        self._gradients, self._positions, self._local = gradients, None, None

    def over(self) -> None:
        """The update has begun: nothing that follows is about gradients."""
        self._gradients, self._positions, self._local = (), {}, None

    def around(self, name: str, args: tuple[Any, ...], options: dict[str, Any], call: Call) -> Any:
        """Run a collective, and see what it does to gradients."""
        if not (self._gradients or self._local) or not name.startswith(REDUCING):
            return call(*args, **options)
        seen: list[_Given] = self._looked(self._before, name, args, options) or []
        result = call(*args, **options)
        if not seen:
            return result
        if isinstance(result, dist.Work):
            self._works[id(result)] = seen
        elif isinstance(result, torch.Tensor):
            for one, _ in seen:
                one.result = result
        else:
            self._looked(self._after, seen)
        return result

    def waited(self, work: object) -> None:
        """A call that went on by itself is over."""
        self._looked(self._after, self._works.pop(id(work), ()))

    def _looked(self, look: Callable[..., Any], *arguments: Any) -> Any:
        try:
            with quiet():
                return look(*arguments)
        except Exception as error:  # the script's own call is to run whatever we see of it
            self._note(f"a collective could not be looked at: {type(error).__name__}")
            return None

    def _before(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> list[_Given]:
        if (ranks_in(args, options) or self._world_size) != self._world_size:
            self.in_part = True
            return []
        op: object = options.get("op", args[1] if len(args) > 1 else None)
        averaged = op == "avg" if isinstance(op, str) else op is dist.ReduceOp.AVG
        seen: list[_Given] = []
        for tensor in tensors_of(args, options):
            if len(self.calls) >= CALLS_LIMIT:
                break
            plain = plain_of(local_of(tensor))
            if plain is None or not (plain.is_floating_point() or plain.is_complex()):
                continue  # integers are no gradients
            position = self._position(plain) if name.startswith("all_reduce") else None
            size = plain.numel()
            one = OwnReduction(size, size * plain.element_size(), position, averaged)
            if len(self.calls) < MEASURED:
                one.before = norms_of([plain.reshape(-1)])[0]
            self.calls.append(one)
            seen.append((one, tensor))
        return seen

    def _after(self, seen: Sequence[_Given]) -> None:
        for one, tensor in seen:
            flat = flat_of(tensor)
            if flat is None:
                continue
            one.version, one.given = tensor._version, OwnRef(tensor)
            if one.before is not None:
                one.after = norms_of([flat])[0]
            if self.copies and one.position is not None and len(flat) <= COPIED and flat.is_cpu:
                one.copy = flat.clone()

    def _position(self, plain: torch.Tensor) -> int | None:
        if self._local is not None:
            return self._local.is_of(plain.numel())
        if self._positions is None:
            there = ((at, one) for at, one in enumerate(self._gradients) if one is not None)
            plain_ones = ((at, plain_of(local_of(one))) for at, one in there)
            self._positions = {
                one.data_ptr(): at for at, one in plain_ones if one is not None and one.numel()
            }
        position = self._positions.get(plain.data_ptr())
        gradient = None if position is None else self._gradients[position]
        same = gradient is not None and local_of(gradient).numel() == plain.numel()
        return position if same else None
