"""Statistics and checksums of tensors of any size, in little memory and bounded time.

A large tensor is read in parts that are views of it, each copied to the same small buffer, so
that neither its type nor its layout costs a copy of the whole.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from ctypes import c_char
from typing import Any

import torch

from engine.autograd.quiet import plain_of
from engine.autograd.values import Summary

PART = 1 << 19
"""Elements that are read at once."""
CACHED_LIMIT = 1 << 18
"""A tensor of more elements in the CPU's memory leaves its cache when it is read as a whole …"""
CACHED_PART = 1 << 16
"""… and is read in parts of so many, which takes half the time."""
READ_LIMIT = 1 << 29
"""A tensor of more elements gets no summary."""
EXACT_LIMIT = 100_000
"""The fingerprint of a tensor of more elements is that of a sample."""
_SAMPLE = 4096
_START = 64
"""Elements at the start of a tensor that always belong to the sample."""


def summary_of(plain: torch.Tensor, part: int = PART) -> Summary | None:
    """Statistics over a plain tensor; None for complex numbers, truth values and the enormous.

    It is read in parts of at most `part` elements.
    """
    plain, times = (plain, 1) if plain.is_contiguous() else _distinct(plain)
    usual = _usual_summary(plain) if times == 1 and plain.numel() <= part else None
    if usual is not None:
        return usual
    if plain.is_complex() or plain.dtype == torch.bool or plain.numel() > READ_LIMIT:
        return None
    rows = _table(plain, part, finite_only=False)
    if not all(math.isfinite(low) and math.isfinite(high) for *_, low, high in rows):
        rows = _table(plain, part, finite_only=True)
    sizes, squares, sums, lows, highs = zip(*rows, strict=True) if rows else ((),) * 5
    non_finite = (plain.numel() - sum(sizes)) * times
    if not rows:
        return Summary(0.0, 0.0, 0.0, 0.0, non_finite)
    return Summary(
        norm=math.sqrt(math.fsum(squares) * times),
        minimum=min(lows),
        maximum=max(highs),
        mean=math.fsum(sums) / sum(sizes),
        non_finite=non_finite,
    )


def _usual_summary(plain: torch.Tensor) -> Summary | None:
    """What most tensors have in the fewest steps; None for those that are unlike most."""
    kind = plain.dtype
    if not (kind is torch.float32 or kind is torch.float64) or not plain.is_cpu:
        return None
    if not plain.is_contiguous() or plain.is_neg() or not plain.numel():
        return None
    flat = plain.view(-1)
    if flat.numel() <= CACHED_LIMIT:
        square, total, low, high = _usual_row(flat)
    else:
        squares, totals, lows, highs = zip(
            *map(_usual_row, parts_of(flat, CACHED_PART)), strict=True
        )
        square, total, low, high = sum(squares), sum(totals), min(lows), max(highs)
    if not math.isfinite(total):
        return None
    return Summary(math.sqrt(square), low, high, total / flat.numel(), 0)


def _usual_row(flat: torch.Tensor) -> tuple[float, float, float, float]:
    """The sum of squares, the sum, and the extremes."""
    wide = flat.double()
    square, total = float(torch.dot(wide, wide)), float(wide.sum())
    return square, total, float(flat.amin()), float(flat.amax())


class Summaries:
    """Statistics over tensors that are alive together: of the same memory they are had once.

    A transposed tensor, or one of another shape, has those of the tensor that it is a view of.
    """

    def __init__(self) -> None:
        self._known: dict[object, Summary | None] = {}

    def of(self, plain: torch.Tensor) -> Summary | None:
        """`summary_of` the tensor, or what is known of its memory."""
        memory = _memory(plain)
        if memory is None:
            return summary_of(plain)
        if memory not in self._known:
            self._known[memory] = summary_of(plain)
        return self._known[memory]

    def clear(self) -> None:
        """Forget all: these tensors are gone, and others may lie where they did."""
        self._known.clear()

    def add(self, plain: torch.Tensor, summary: Summary | None) -> None:
        """Take the statistics of a tensor that was read before."""
        memory = _memory(plain)
        if memory is not None:
            self._known[memory] = summary


def _memory(plain: torch.Tensor) -> object:
    """What tensors of the same elements have in common; None where they do not lie in a row."""
    whole, times = _distinct(plain)
    if times > 1 or not whole.is_contiguous():
        return None
    return whole.data_ptr(), whole.numel(), whole.dtype, whole.device, whole.is_neg()


_Row = tuple[int, float, float, float, float]


def _table(plain: torch.Tensor, most: int, *, finite_only: bool) -> list[_Row]:
    """Of every part how many elements count, the sum of squares, the sum, and the extremes."""
    buffer = None
    if plain.numel() > most:
        buffer = torch.empty(most, dtype=torch.float64, device=plain.device, requires_grad=False)
    sizes, rows = [], []
    for part in parts_of(plain, most):
        wide = _widened(part, buffer)
        if finite_only:
            wide = wide[wide.isfinite()]
        if not wide.numel():
            continue
        # Twice as quick as `aminmax`, and twice again where numbers are as narrow as they came.
        narrow = part if part.dtype is torch.float32 and not finite_only else wide
        low, high = narrow.amin(), narrow.amax()
        sizes.append(wide.numel())
        rows.append((torch.dot(wide, wide), wide.sum(), low, high))
    if plain.device.type == "cpu" or not rows:
        table = [[float(number) for number in row] for row in rows]
    else:  # waits once for the device
        numbers = [number.double() for row in rows for number in row]
        table = torch.stack(numbers).view(-1, 4).tolist()
    return [(size, *row) for size, row in zip(sizes, table, strict=True)]  # type: ignore[misc]


def _widened(part: torch.Tensor, buffer: torch.Tensor | None) -> torch.Tensor:
    """The elements in a row as float64, in the buffer where there is one."""
    if part.is_quantized:
        part = part.dequantize()
    if buffer is None:
        return part.to(torch.float64).reshape(-1)
    wide = buffer[: part.numel()]
    wide.view(part.shape).copy_(part)
    return wide


def parts_of(plain: torch.Tensor, limit: int) -> Iterator[torch.Tensor]:
    """Views of at most so many elements that make up the tensor, neighbours in memory together."""
    size = plain.numel()
    if size <= limit:
        yield plain
        return
    if plain.is_contiguous():
        plain = plain.view(-1)
    strides = plain.stride()
    dim = max((i for i, n in enumerate(plain.shape) if n > 1), key=lambda i: strides[i])
    length = plain.shape[dim]
    step = max(1, length * limit // size)
    for start in range(0, length, step):
        yield from parts_of(plain.narrow(dim, start, min(step, length - start)), limit)


def _distinct(plain: torch.Tensor) -> tuple[torch.Tensor, int]:
    """Each element once, in the order of memory, and how often an expanded tensor repeats it."""
    times = 1
    for dim, (size, stride) in enumerate(zip(plain.shape, plain.stride(), strict=True)):
        if size > 1 and stride == 0:
            plain = plain.narrow(dim, 0, 1)
            times *= size
    strides = plain.stride()
    return plain.permute(sorted(range(plain.dim()), key=lambda i: -strides[i])), times


def quiet_fingerprint(tensor: torch.Tensor) -> object:
    """A checksum of the content that changes with it; None where the content cannot be read.

    On the CPU of every byte in its place; elsewhere the sum and the norm. Of a large tensor only
    its start and a sample spread over it count. Call it under `quiet`.
    """
    try:
        plain = plain_of(tensor)
        if plain is None:
            return None
        if plain.numel() <= EXACT_LIMIT:
            return _checksum(plain)
        start = plain[tuple(slice(1) for _ in plain.shape[:-1])].reshape(-1)[:_START]
        return _checksum(start), _checksum(_sample(plain))
    except (RuntimeError, TypeError, ValueError):
        return None


def _sample(plain: torch.Tensor) -> torch.Tensor:
    """A view of at most `_SAMPLE` elements, spread over the tensor."""
    if plain.is_contiguous():
        plain = plain.view(-1)
    while (size := plain.numel()) > _SAMPLE:
        dim = max(range(plain.dim()), key=lambda i: plain.shape[i])
        step = min(plain.shape[dim], -(-size // _SAMPLE))
        plain = plain[(slice(None),) * dim + (slice(None, None, step),)]
    return plain


def quiet_content(tensor: torch.Tensor) -> object:
    """Every byte of the content, which are compared several times as quickly as checksums made.

    Where it is not in the CPU's memory, a checksum; None where the content cannot be read. Call
    it under `quiet`.
    """
    try:
        plain = plain_of(tensor)
        return None if plain is None else _all_of(plain, bytes)
    except (RuntimeError, TypeError, ValueError):
        return None


def _checksum(plain: torch.Tensor) -> object:
    return _all_of(plain, zlib.crc32)


def _all_of(plain: torch.Tensor, read: Callable[[Any], object]) -> object:
    """What is `read` of its elements in a row in the CPU's memory; elsewhere sum and norm."""
    if plain.device.type == "cpu":
        flat = plain
        if not plain.is_contiguous() or plain.is_neg() or plain.is_conj():
            flat = plain.resolve_conj().resolve_neg().contiguous()
        size = flat.numel() * flat.element_size()
        # Not by `numpy()`: it takes a storage for shared, which sharded modules then cannot free.
        return read((c_char * size).from_address(flat.data_ptr()) if size else b"")
    wide = (torch.view_as_real(plain) if plain.is_complex() else plain).double()
    sums = torch.stack([wide.sum(), torch.linalg.vector_norm(wide)])
    return str(sums.tolist())  # as text nan equals nan
