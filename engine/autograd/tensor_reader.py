"""Live tensors → torch-free records: the only place where numbers leave torch to be shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any, TypeVar

import torch

from engine.autograd.quiet import (
    address_of,
    device,
    dtype,
    grad_fn,
    is_leaf,
    is_nested,
    plain_of,
    quiet,
    requires_grad,
    sizes,
    version_of,
)
from engine.autograd.summary import Summaries, summary_of
from engine.autograd.values import Number, Summary, TensorView, Value

WHOLE_LIMIT = 64
"""Most elements of a value that is kept whole."""
CORNER = 4
"""Elements kept of a larger value along each of its last two dimensions; one along the others."""
STACK_LEAST = 3
"""Fewest tensors of one shape that are stacked and read together."""
STACK_LIMIT = 1 << 16
"""Tensors of more elements are not worth copying together to be read at once."""
PART_LIMIT = 1 << 18
"""Elements that are copied together at once: more would not stay in the cache."""
Key = TypeVar("Key")
_UNREADABLE = RuntimeError, TypeError, ValueError, OverflowError


def value_of(tensor: torch.Tensor, *, summarised: bool = True) -> Value:
    """The numbers of a tensor: whole where it is small, else a corner and a summary.

    A tensor whose numbers cannot be read (meta, sparse, nested, vmapped, a wrapper) has none.
    Without `summarised` a large one costs no more than its corner.
    """
    with quiet():
        return quiet_value_of(tensor, summarised=summarised)


def quiet_value_of(
    tensor: torch.Tensor, *, summarised: bool = True, known: Summaries | None = None
) -> Value:
    """`value_of` for those who are `quiet` already; `known` are those of other tensors."""
    plain = plain_of(tensor)
    if plain is None:
        return unread(tensor)
    return _value_or_unread(plain, summarised=summarised, known=known)


def _value(plain: torch.Tensor, summarised: bool, known: Summaries | None = None) -> Value:
    shape, name = known_shape(plain.shape), dtype_name(plain.dtype)
    if plain.numel() <= WHOLE_LIMIT:
        return Value(shape, name, tuple(_listed(plain)), shape)
    corner = _corner(shape)
    numbers = _numbers_in(plain.as_strided(corner, plain.stride()))
    summary = None
    if summarised:
        summary = summary_of(plain) if known is None else known.of(plain)
    return Value(shape, name, tuple(numbers), corner, summary)


def _listed(plain: torch.Tensor) -> list[Number]:
    if plain.is_quantized:
        plain = plain.dequantize()
    numbers: list[Number] = (plain if plain.dim() == 1 else plain.reshape(-1)).tolist()
    return numbers


def _numbers_in(corner: torch.Tensor) -> Iterable[Number]:
    """Its elements row by row; of more than two dimensions all but the last two are 1."""
    if corner.is_quantized:
        corner = corner.dequantize()
    rows: Any = corner.tolist()
    for _ in range(corner.dim() - 2):
        (rows,) = rows
    return chain.from_iterable(rows) if corner.dim() > 1 else rows


def values_of(tensors: Iterable[torch.Tensor]) -> dict[int, Value]:
    """`value_of` of many tensors by their `id`; those of one shape are read together.

    A graph has thousands of tensors and few shapes, so this is many times quicker than one by
    one, on a GPU above all, which is waited for once a shape. Means agree to rounding.
    """
    with quiet():
        values: dict[int, Value] = {}
        plain: dict[int, torch.Tensor] = {}
        for at, tensor in {id(tensor): tensor for tensor in tensors}.items():
            own = plain_of(tensor)
            if own is None:
                values[at] = unread(tensor)
            else:
                plain[at] = own
        values.update(plain_values(plain.items()))
        return values


def plain_values(tensors: Iterable[tuple[Key, torch.Tensor]]) -> Iterator[tuple[Key, Value]]:
    """`values_of` plain tensors without history, each with its key; call it under `quiet`."""
    groups: dict[object, tuple[list[Key], list[torch.Tensor]]] = {}
    for key, tensor in tensors:
        like = tensor.shape, tensor.dtype, tensor.device
        group = groups.get(like)
        if group is None:
            group = groups[like] = [], []
        group[0].append(key)
        group[1].append(tensor)
    known = Summaries()
    for keys, alike in groups.values():
        yield from zip(keys, _in_parts(alike, known), strict=True)


def _in_parts(plain: Sequence[torch.Tensor], known: Summaries) -> list[Value]:
    """Values of plain tensors that are alike, at most `PART_LIMIT` elements at once."""
    size = max(1, plain[0].numel())
    step = PART_LIMIT // size if size <= STACK_LIMIT else 1
    values = []
    for start in range(0, len(plain), step):
        values += _together(plain[start : start + step], known)
    return values


def unread(tensor: torch.Tensor) -> Value:
    """The tensor's shape and dtype, and none of its numbers."""
    with torch._C.DisableTorchFunction():
        shape = shape_of(tensor)
        return Value(shape, dtype_name(dtype(tensor)), (), (0,) * len(shape))


def shape_of(tensor: torch.Tensor) -> tuple[int, ...]:
    """The sizes of a tensor's dimensions; () for a nested tensor, whose rows differ."""
    with torch._C.DisableTorchFunction():
        return () if is_nested(tensor) else known_shape(sizes(tensor))


@lru_cache(maxsize=1024)
def known_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape as a tuple that is one and the same for all that are equal: it is kept once."""
    return tuple(shape)


@cache
def dtype_name(dtype: torch.dtype) -> str:
    """The name of a dtype, without the `torch.` in front: `float32`."""
    return str(dtype).removeprefix("torch.")


def view_of(
    name: str,
    tensor: torch.Tensor,
    value: Value,
    grad: Value | None,
    storage_id: Callable[[int], int],
) -> TensorView:
    """A picture of a named tensor with these numbers; `storage_id` numbers memory addresses."""
    node = grad_fn(tensor)
    return TensorView(
        name=name,
        value=value,
        device=device_name(device(tensor)),
        requires_grad=requires_grad(tensor),
        is_leaf=is_leaf(tensor),
        grad_fn=None if node is None else type(node).__name__,
        grad=grad,
        version=version_of(tensor),
        storage=storage_id(address_of(tensor)),
    )


@cache
def device_name(device: torch.device) -> str:
    """The name of a device as torch writes it: `cpu`, `cuda:0`."""
    return str(device)


@lru_cache(maxsize=1024)
def _corner(shape: tuple[int, ...]) -> tuple[int, ...]:
    last = tuple(min(size, CORNER) for size in shape[-2:])
    return (1,) * (len(shape) - len(last)) + last


def _together(plain: Sequence[torch.Tensor], known: Summaries) -> list[Value]:
    """Values of plain tensors that are alike in shape, dtype and device."""
    first = plain[0]
    try:
        if len(plain) >= STACK_LEAST and _is_small(first):
            rows = torch.stack(tuple(plain)).reshape(len(plain), -1).tolist()
            shape, name = known_shape(first.shape), dtype_name(first.dtype)
            return [Value(shape, name, tuple(row), shape) for row in rows]
        if len(plain) >= STACK_LEAST and first.is_floating_point():
            return _summarised(plain, torch.stack(tuple(plain)))
    except _UNREADABLE:
        pass
    return [_value_or_unread(one, known=known) for one in plain]


def _value_or_unread(
    plain: torch.Tensor, *, summarised: bool = True, known: Summaries | None = None
) -> Value:
    try:
        return _value(plain, summarised, known)
    except _UNREADABLE:
        return unread(plain)


def _summarised(plain: Sequence[torch.Tensor], stack: torch.Tensor) -> list[Value]:
    shape, dtype = known_shape(stack.shape[1:]), dtype_name(stack.dtype)
    corner = _corner(shape)
    corners = stack[(slice(None), *(slice(size) for size in corner))].reshape(len(plain), -1)
    flat = stack.reshape(len(plain), -1)
    low, high = flat.amin(dim=1), flat.amax(dim=1)  # many times quicker than `aminmax`
    wide = flat.double()  # once, and not in each of the next two
    norms = torch.linalg.vector_norm(wide, dim=1)
    means = wide.mean(dim=1)
    columns = torch.stack([norms, low.double(), high.double(), means], dim=1)
    return [
        Value(shape, dtype, tuple(numbers), corner, Summary(norm, minimum, maximum, mean, 0))
        if math.isfinite(norm)
        else _value_or_unread(one)
        for one, numbers, (norm, minimum, maximum, mean) in zip(
            plain, corners.tolist(), columns.tolist(), strict=True
        )
    ]


def _is_small(tensor: torch.Tensor) -> bool:
    return tensor.numel() <= WHOLE_LIMIT
