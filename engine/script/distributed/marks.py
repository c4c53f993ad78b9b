"""What tells tensors of different ranks apart: a norm, and a digest of some of their bytes.

Taken of all tensors at once and read from their device later, so that a GPU is not waited for.
"""

from __future__ import annotations

import ctypes
import sys
import zlib
from collections.abc import Sequence
from typing import Any

import torch

from engine.autograd.quiet import PLAIN, is_readable, is_wrapped, plain_of
from engine.script.passes.norms import norms_of

SAMPLE = 256
"""Most elements that a digest is made of, at equal distances in the whole tensor."""


class Marks:
    """Norms and digests of tensors as they are now; None where there is no tensor.

    Make it under `quiet`. Tensors of which the ranks have different parts have no digest.
    """

    def __init__(self, tensors: Sequence[torch.Tensor | None]) -> None:
        flat = [None if one is None else flat_of(one) for one in tensors]
        found = [one for one in flat if one is not None]
        self._there = [one is not None for one in flat]
        self._norms = stacked(norms_of(found))
        self._sizes: list[int] = []
        self._samples: torch.Tensor | None = None
        if found:
            both = zip(tensors, flat, strict=True)
            samples = [
                _sample(row) if is_whole(one) else row[:0]
                for one, row in both
                if one is not None and row is not None
            ]
            self._sizes = [len(one) for one in samples]
            self._samples = _joined(samples)

    def read(self) -> list[tuple[float, int] | None]:
        """Return the norm and the digest of every tensor; the digest is 0 where none was made."""
        norms = iter(self._norms.tolist())
        digests = iter(self._digests())
        return [(next(norms), next(digests, 0)) if there else None for there in self._there]

    def _digests(self) -> list[int]:
        if self._samples is None:
            return []
        samples = self._samples.cpu()
        width = samples.element_size()
        data = memoryview(ctypes.string_at(samples.data_ptr(), len(samples) * width))
        digests, start = [], 0
        for size in self._sizes:
            end = start + size * width
            digests.append(zlib.crc32(data[start:end]) | 1 << 32 if size else 0)
            start = end
        return digests


def flat_of(tensor: torch.Tensor) -> torch.Tensor | None:
    """The numbers of a tensor in this process as one row; None where there are none to read.

    Of a sparse tensor they are those that it has, of a distributed one those of this rank.
    """
    usual = type(tensor) in PLAIN and tensor.is_cpu and not is_wrapped(tensor)
    if usual and tensor.layout is torch.strided and is_readable(tensor):
        return tensor.detach().reshape(-1)
    local = local_of(tensor)
    if local.layout is torch.sparse_coo:
        local = local.detach().coalesce().values()
    plain = plain_of(local)
    return None if plain is None else plain.reshape(-1)


def local_of(tensor: torch.Tensor) -> torch.Tensor:
    """This rank's part of a distributed tensor; any other tensor as it is."""
    if not is_distributed(tensor):
        return tensor
    local: torch.Tensor = tensor._local_tensor  # type: ignore[attr-defined]
    return local


def is_distributed(tensor: torch.Tensor) -> bool:
    """Whether it is a DTensor, of which every rank has a part."""
    if type(tensor) in PLAIN:
        return False
    kind = getattr(sys.modules.get("torch.distributed.tensor"), "DTensor", None)
    return kind is not None and issubclass(type(tensor), kind)


def is_whole(tensor: torch.Tensor) -> bool:
    """Whether a tensor is the same on all ranks, if nothing is wrong."""
    parts: Any = tensor.placements if is_distributed(tensor) else ()  # type: ignore[attr-defined]
    return all(one.is_replicate() for one in parts)


def stacked(norms: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return norms in one tensor, wherever they are."""
    if not norms:
        return torch.empty(0)
    first = norms[0]
    if any((one.dtype, one.device) != (first.dtype, first.device) for one in norms):
        norms = [one.to("cpu", torch.float64) for one in norms]
    return torch.stack(list(norms))


def _sample(flat: torch.Tensor) -> torch.Tensor:
    size = len(flat)
    return flat if size <= SAMPLE else flat[:: -(-size // SAMPLE)]


def _joined(samples: list[torch.Tensor]) -> torch.Tensor:
    if len({one.device for one in samples}) > 1:
        samples = [one.cpu() for one in samples]
    return torch.cat(samples)
