"""How far rounding may move what a Term is made of, in units of rounding: its `size`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch

ROUNDING = 64
"""The tolerance of a comparison, in units of rounding of a Term's `size`."""


class Rounded(Protocol):
    """A Term, as far as its rounding goes."""

    @property
    def size(self) -> Any:
        """Units of rounding by which it may be off: real, a number or a tensor."""

    def tensor(self) -> torch.Tensor:
        """The value in double precision."""


def sizes_added(a: Rounded, b: Rounded) -> Any:
    """The size of a sum or a difference."""
    return a.size + b.size


def exact(*terms: Rounded) -> Any:
    """The size of what has no rounding, as a truth value."""
    return 0.0


def by_slope(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """The size of an element-wise function: its own rounding, and its slope times the inputs'."""

    def size(*terms: Rounded) -> Any:
        with torch.enable_grad():
            values = [a.clone().requires_grad_() for a in _broadcast(*(t.tensor() for t in terms))]
            result = evaluate(*values)
            slopes = torch.autograd.grad(
                result.real.sum(), values, allow_unused=True, materialize_grads=True
            )
        sizes = _broadcast(*(torch.as_tensor(t.size, dtype=torch.float64) for t in terms))
        moved = [
            (slope.abs() * size).nan_to_num(0) for slope, size in zip(slopes, sizes, strict=True)
        ]
        return sum(moved, start=result.detach().abs())

    return size


def _broadcast(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    # Not by `broadcast_shapes`, for which torch would import half a second's worth.
    broadcast: Sequence[torch.Tensor] = torch.broadcast_tensors(*tensors)  # type: ignore[no-untyped-call]
    return tuple(broadcast)
