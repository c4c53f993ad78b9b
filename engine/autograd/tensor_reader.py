"""Live tensors → torch-free records: the only place where numbers leave torch to be shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cache

import torch

from engine.autograd.values import Summary, TensorView, Value

WHOLE_LIMIT = 64
"""Most elements of a value that is kept whole."""
CORNER = 4
"""Elements kept of a larger value along each of its last two dimensions; one along the others."""
STACK_LEAST = 3
"""Fewest tensors of one shape that are stacked and read together."""
STACK_LIMIT = 1 << 16
"""Tensors of more elements are not worth copying together to be read at once."""


def value_of(tensor: torch.Tensor) -> Value:
    """The numbers of a tensor: whole where it is small, else a corner and a summary.

    A tensor whose numbers cannot be read (meta, sparse, nested, vmapped) has none.
    """
    shape = shape_of(tensor)
    dtype = dtype_name(tensor.dtype)
    with torch._C.DisableTorchFunction():
        try:
            plain = tensor.detach()
            if tensor.is_nested:
                return unread(tensor)
            if plain.numel() <= WHOLE_LIMIT:
                return Value(shape, dtype, tuple(plain.reshape(-1).tolist()), shape)
            corner = _corner(shape)
            numbers = plain[tuple(slice(size) for size in corner)].reshape(-1).tolist()
            return Value(shape, dtype, tuple(numbers), corner, _summary(plain))
        except (RuntimeError, NotImplementedError, TypeError):
            return unread(tensor)


def values_of(tensors: Iterable[torch.Tensor]) -> dict[int, Value]:
    """`value_of` of many tensors by their `id`; those of one shape are read together.

    A graph has thousands of tensors and few shapes, so this is many times quicker than one by
    one, on a GPU above all, which is waited for once a shape. Means agree to rounding.
    """
    groups: dict[object, list[torch.Tensor]] = {}
    with torch._C.DisableTorchFunction():
        for tensor in {id(tensor): tensor for tensor in tensors}.values():
            key: object = id(tensor)
            plain = tensor.layout is torch.strided and not tensor.is_nested
            if plain and tensor.numel() <= STACK_LIMIT:
                key = tensor.shape, tensor.dtype, tensor.device
            groups.setdefault(key, []).append(tensor)
        values: dict[int, Value] = {}
        for group in groups.values():
            step = max(1, STACK_LIMIT * 16 // max(1, group[0].numel()))
            for start in range(0, len(group), step):
                part = group[start : start + step]
                values.update(zip(map(id, part), _together(part), strict=True))
    return values


def unread(tensor: torch.Tensor) -> Value:
    """The tensor's shape and dtype, and none of its numbers."""
    shape = shape_of(tensor)
    return Value(shape, dtype_name(tensor.dtype), (), (0,) * len(shape))


def shape_of(tensor: torch.Tensor) -> tuple[int, ...]:
    """The sizes of a tensor's dimensions; () for a nested tensor, whose rows differ."""
    return () if tensor.is_nested else tuple(tensor.shape)


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
    return TensorView(
        name=name,
        value=value,
        device=device_name(tensor.device),
        requires_grad=tensor.requires_grad,
        is_leaf=tensor.is_leaf,
        grad_fn=type(tensor.grad_fn).__name__ if tensor.grad_fn is not None else None,
        grad=grad,
        version=version_of(tensor),
        storage=storage_id(address_of(tensor)),
    )


def version_of(tensor: torch.Tensor) -> int:
    """The version counter of in-place changes that autograd has seen; 0 for inference tensors."""
    return 0 if tensor.is_inference() else tensor._version


@cache
def device_name(device: torch.device) -> str:
    """The name of a device as torch writes it: `cpu`, `cuda:0`."""
    return str(device)


def address_of(tensor: torch.Tensor) -> int:
    """The address of a tensor's storage; its `id` where it has no memory of its own."""
    try:
        return tensor.untyped_storage().data_ptr() or id(tensor)
    except (RuntimeError, NotImplementedError):
        return id(tensor)


def _corner(shape: tuple[int, ...]) -> tuple[int, ...]:
    last = tuple(min(size, CORNER) for size in shape[-2:])
    return (1,) * (len(shape) - len(last)) + last


def _together(tensors: Sequence[torch.Tensor]) -> list[Value]:
    """Values of tensors that are alike in shape, dtype and device."""
    first = tensors[0]
    if len(tensors) < STACK_LEAST or not (first.is_floating_point() or _is_small(first)):
        return [value_of(tensor) for tensor in tensors]
    try:
        stack = torch.stack([tensor.detach() for tensor in tensors])
        if _is_small(first):
            rows = stack.reshape(len(tensors), -1).tolist()
            shape = tuple(first.shape)
            return [Value(shape, dtype_name(first.dtype), tuple(row), shape) for row in rows]
        return _summarised(tensors, stack)
    except (RuntimeError, NotImplementedError, TypeError):
        return [value_of(tensor) for tensor in tensors]


def _summarised(tensors: Sequence[torch.Tensor], stack: torch.Tensor) -> list[Value]:
    shape, dtype = tuple(stack.shape[1:]), dtype_name(stack.dtype)
    corner = _corner(shape)
    corners = stack[(slice(None), *(slice(size) for size in corner))].reshape(len(tensors), -1)
    flat = stack.reshape(len(tensors), -1)
    norms = torch.linalg.vector_norm(flat, dim=1, dtype=torch.float64)
    low, high = flat.aminmax(dim=1)
    means = flat.mean(dim=1, dtype=torch.float64)
    columns = torch.stack([norms, low.double(), high.double(), means], dim=1)
    return [
        Value(shape, dtype, tuple(numbers), corner, Summary(norm, minimum, maximum, mean, 0))
        if math.isfinite(norm)
        else value_of(tensor)
        for tensor, numbers, (norm, minimum, maximum, mean) in zip(
            tensors, corners.tolist(), columns.tolist(), strict=True
        )
    ]


def _is_small(tensor: torch.Tensor) -> bool:
    return tensor.numel() <= WHOLE_LIMIT


def _summary(plain: torch.Tensor) -> Summary | None:
    if plain.is_complex() or plain.dtype == torch.bool:
        return None
    norm = torch.linalg.vector_norm(plain, dtype=torch.float64)
    if not plain.is_floating_point():
        plain = plain.double()
    # A finite norm proves every element finite, which saves most tensors two more passes.
    non_finite = 0
    if not norm.isfinite():
        finite = plain[plain.isfinite()]
        non_finite = plain.numel() - finite.numel()
        if not finite.numel():
            return Summary(0.0, 0.0, 0.0, 0.0, non_finite)
        plain, norm = finite, torch.linalg.vector_norm(finite, dtype=torch.float64)
    low, high = plain.aminmax()
    mean = plain.mean(dtype=torch.float64)
    return Summary(float(norm), float(low), float(high), float(mean), non_finite)
