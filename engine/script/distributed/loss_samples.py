"""Over how many numbers a loss is a mean, as its graph tells before it is freed."""

from __future__ import annotations

import math
from typing import Any

import torch

from engine.autograd.quiet import count, is_readable, only_item

_MEAN = 1
"""How torch numbers the reduction that makes a mean."""
_SCALING_LIMIT = 8
"""Most constants that a loss is multiplied with or divided by on the way."""
_LOSSES = (
    "MseLossBackward",
    "SmoothL1LossBackward",
    "HuberLossBackward",
    "BinaryCrossEntropyBackward",
    "BinaryCrossEntropyWithLogitsBackward",
    "SoftMarginLossBackward",
)
_CLASSIFIED = "NllLossBackward", "NllLoss2DBackward"
Node = Any


def samples_of(loss: torch.Tensor, scale: float = 1.0) -> int | None:
    """Return over how many numbers a loss is a mean; None where it is none, or nobody can tell.

    It may have been multiplied with `scale` since, as by a GradScaler, and divided by the number
    of passes that are accumulated. With any other constant it is no mean any more: ranks of
    unequal shards weight their losses so. Call it under `quiet`.
    """
    node: Node = loss.grad_fn
    factor: float | None = 1.0
    weight = 1 / scale if scale else math.inf
    for _ in range(_SCALING_LIMIT):
        if node is None:
            return None
        kind = type(node).__name__.rstrip("0123456789")
        scaling = _scaling(node, kind)
        if scaling is None:
            return (
                _samples(node, kind, factor) if _is_part(weight) or kind == "SumBackward" else None
            )
        node, by = scaling
        weight *= 1.0 if by is None else by
        factor = None if by is None or factor is None else factor * by
    return None


def _is_part(weight: float) -> bool:
    """Whether it is one over a whole number."""
    parts = 1 / weight if weight else math.inf
    return 0.5 < parts < math.inf and math.isclose(parts, round(parts), rel_tol=1e-5)


def _scaling(node: Node, kind: str) -> tuple[Node, float | None] | None:
    """What a constant scales in this node, and with how much; None where it is no such node."""
    if kind not in ("MulBackward", "DivBackward", "NegBackward"):
        return None
    sources = [source for source, _ in node.next_functions if source is not None]
    if len(sources) != 1:
        return None
    if kind == "NegBackward":
        return sources[0], -1.0
    name = "_saved_other" if node.next_functions[0][0] is not None else "_saved_self"
    constant = getattr(node, name, None)
    by = _number(constant)
    return sources[0], by if by is None or kind == "MulBackward" else 1 / by if by else math.inf


def _number(constant: object) -> float | None:
    if isinstance(constant, int | float):
        return float(constant)
    if isinstance(constant, torch.Tensor) and constant.is_cpu and count(constant) == 1:
        return float(only_item(constant)) if is_readable(constant) else None
    return None


def _samples(node: Node, kind: str, factor: float | None) -> int | None:
    if kind == "MeanBackward":
        return _averaged(node)
    if kind == "SumBackward":  # a mean by hand
        size = _size(node)
        return size if size and factor and math.isclose(factor * size, 1, rel_tol=1e-5) else None
    if getattr(node, "_saved_reduction", None) != _MEAN:
        return None
    if kind in _LOSSES:
        weight = getattr(node, "_saved_weight", None)
        saved = node._saved_self
        return None if weight is not None or saved is None else count(saved)
    if kind in _CLASSIFIED and node._saved_weight is None:
        # Those that `ignore_index` leaves out are not among them.
        total = _number(node._saved_total_weight)
        return round(total) if total else None
    return None


def _size(node: Node) -> int | None:
    for name in ("_saved_self_sym_numel", "_saved_self_numel"):
        if (size := getattr(node, name, None)) is not None:
            return int(size)
    sizes = getattr(node, "_saved_self_sym_sizes", None) or getattr(node, "_saved_self_sizes", None)
    return math.prod(sizes) if sizes is not None else None


def _averaged(node: Node) -> int | None:
    """How many numbers a mean takes together, of all dimensions or of some."""
    sizes = getattr(node, "_saved_self_sym_sizes", None)
    dimensions = getattr(node, "_saved_dim", None)
    if sizes is None or dimensions is None:
        return _size(node)
    wanted = [_index(one, len(sizes)) for one in dimensions] or range(len(sizes))
    return math.prod(int(sizes[one]) for one in wanted)


def _index(dimension: int, count: int) -> int:
    """An index from 0, also where the node has kept a negative one as a large number."""
    return (dimension if dimension < 1 << 63 else dimension - (1 << 64)) % max(count, 1)
