"""Random tensors and sizes from which cases are built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import torch
from hypothesis import strategies as st
from torch import Tensor

Shape = tuple[int, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class Inputs:
    """Random tensors that require grad; with `steps` their elements repeat and may be 0."""

    data: st.DataObject
    dtype: torch.dtype
    generator: torch.Generator
    steps: bool

    def shape(self, least: int = 0, most: int = 3, side: int = 0) -> Shape:
        sides = st.integers(side, 3)
        return tuple(self.data.draw(st.lists(sides, min_size=least, max_size=most)))

    def size(self) -> int:
        return self.data.draw(st.integers(1, 3))

    def dim(self, rank: int) -> int:
        return self.data.draw(st.integers(-rank, rank - 1)) if rank else 0

    def dims(self, rank: int) -> list[int]:
        places = st.lists(st.integers(0, max(rank - 1, 0)), unique=True, min_size=min(rank, 1))
        return self.data.draw(places.filter(lambda dims: len(dims) <= rank)) if rank else []

    def flag(self) -> bool:
        return self.data.draw(st.booleans())

    def one_of(self, *choices: T) -> T:
        return self.data.draw(st.sampled_from(choices))

    def between(self, low: float, high: float, *shape: int) -> Tensor:
        share = torch.rand(shape, generator=self.generator, dtype=self.dtype)
        if self.steps:
            share = (share * 4).round() / 4
        return (low + (high - low) * share).requires_grad_()

    def real(self, *shape: int) -> Tensor:
        return self.between(-2, 2, *shape)

    def positive(self, *shape: int) -> Tensor:
        return self.between(0.5, 2.5, *shape)

    def some(self, **limits: int) -> Tensor:
        return self.real(*self.shape(**limits))

    def index(self, high: int, *shape: int) -> Tensor:
        return torch.randint(high, shape, generator=self.generator)

    def mask(self, *shape: int) -> Tensor:
        return torch.rand(shape, generator=self.generator) < 0.5

    def pair(self, low: float = -2, high: float = 2) -> tuple[Tensor, Tensor]:
        """Two that can be broadcast to one another."""
        whole = self.shape()
        parts = []
        for _ in range(2):
            kept = tuple(1 if self.flag() else size for size in whole)
            parts.append(kept[self.data.draw(st.integers(0, len(kept))) :])
        return self.between(low, high, *parts[0]), self.between(low, high, *parts[1])

    def factors(self, *batch: int) -> tuple[Tensor, Tensor]:
        """Matrices that can be multiplied."""
        m, k, n = self.size(), self.size(), self.size()
        return self.real(*batch, m, k), self.real(*batch, k, n)
