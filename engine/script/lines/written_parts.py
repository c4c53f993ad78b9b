"""What an assignment to a part of a tensor wrote: autograd's `CopySlices` does not tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from engine.autograd.backward_order import AutogradNode
from engine.autograd.graph import Saved
from engine.autograd.quiet import is_readable, node_of
from engine.autograd.tensor_reader import WHOLE_LIMIT, quiet_value_of
from engine.autograd.values import Value

BINARY = 2
"""Arguments of a function of a tensor and one operand."""
WRITES_PART = "CopySlices"
"""The class of the nodes that write into a part of a tensor."""


def written_part(
    func: Callable[..., Any], args: tuple[Any, ...]
) -> tuple[AutogradNode, tuple[Saved, ...]] | None:
    """The node of the tensor whose part a call has just written, and what can be said of it.

    The first argument is a plain tensor. What can be said is the function with its other operand,
    and where the tensor is small the positions of the part in it, row by row. None where no part
    was written.
    Call it under `quiet`.
    """
    target: torch.Tensor = args[0]
    base = target._base if target._is_view() else target
    node = None if base is None else node_of(base)
    if base is None or type(node).__name__ != WRITES_PART:
        return None
    found = [Saved("by", getattr(func, "__name__", ""))]
    if len(args) == BINARY and (operand := _operand(args[1])) is not None:
        found.append(Saved("operand", operand))
    positions = _positions(base, _part(func, args))
    if positions is not None:
        found.append(Saved("written", quiet_value_of(positions)))
    return node, tuple(found)


def _operand(other: object) -> Value | float | None:
    """What a part was multiplied by or the like: a number, or a small tensor's numbers."""
    if isinstance(other, bool | int | float):
        return other
    if type(other) is torch.Tensor and other.numel() <= WHOLE_LIMIT:
        return quiet_value_of(other)
    return None


def _part(func: Callable[..., Any], args: tuple[Any, ...]) -> torch.Tensor | None:
    """The view that was written; None where elements were picked by other tensors."""
    if func is not torch.Tensor.__setitem__:
        part: torch.Tensor = args[0]
        return part
    picked = args[0].detach()[args[1]]
    return picked if picked._is_view() else None


def _positions(base: torch.Tensor, part: torch.Tensor | None) -> torch.Tensor | None:
    small = base.numel() <= WHOLE_LIMIT and base.is_contiguous() and is_readable(base)
    if part is None or not small or part.dtype != base.dtype or part.is_conj() or part.is_neg():
        return None
    start = part.storage_offset() - base.storage_offset()
    everywhere = torch.arange(base.numel(), device="cpu")
    return everywhere.as_strided(part.shape, part.stride(), start)
