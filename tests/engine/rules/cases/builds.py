"""What a case is, and the kinds of function that many operations are cases of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from tests.engine.rules.cases.inputs import Inputs

aten = torch.ops.aten

Build = Callable[[Inputs], Tensor]
Cases = Mapping[str, Build | tuple[Build, ...]]
"""Autograd's class name → how to make it, in one way or several."""


def unary(function: Callable[[Tensor], Tensor], low: float = -2, high: float = 2) -> Build:
    return lambda i: function(i.between(low, high, *i.shape()))


def binary(function: Callable[[Tensor, Tensor], Tensor], low: float = -2, high: float = 2) -> Build:
    return lambda i: function(*i.pair(low, high))


def along(function: Callable[[Tensor, int], Tensor], least: int = 0) -> Build:
    """A function of a tensor without an empty dimension, and a dimension."""

    def build(i: Inputs) -> Tensor:
        x = i.some(least=least, side=1)
        return function(x, i.dim(x.dim()))

    return build


def changed(function: Callable[[Tensor], Tensor]) -> Build:
    """A function that changes a tensor in place."""
    return lambda i: function(i.some(least=1, side=1) * 1)


def reduced(function: Callable[..., Tensor], **settings: Any) -> Build:
    """A function of a tensor, dimensions and `keepdim`."""

    def build(i: Inputs) -> Tensor:
        x = i.some(side=1)
        return function(x, dim=i.dims(x.dim()), keepdim=i.flag(), **settings)

    return build
