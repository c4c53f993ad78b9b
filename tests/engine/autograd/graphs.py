"""Hypothesis strategies for live autograd graphs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from hypothesis import strategies as st

Binary = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Unary = Callable[[torch.Tensor], torch.Tensor]

BINARY: tuple[Binary, ...] = (torch.add, torch.mul, torch.sub, torch.maximum)
UNARY: tuple[Unary, ...] = (torch.sin, torch.neg, torch.clone, torch.exp, torch.sigmoid)


@st.composite
def roots(draw: st.DrawFn) -> torch.Tensor:
    """A scalar computed from up to 6 leaves by up to 25 operations, tensors used many times."""
    tensors = [torch.rand(3, requires_grad=True) for _ in range(draw(st.integers(1, 6)))]
    for _ in range(draw(st.integers(0, 25))):
        one = draw(st.sampled_from(tensors))
        if draw(st.booleans()):
            tensors.append(draw(st.sampled_from(UNARY))(one))
        else:
            tensors.append(draw(st.sampled_from(BINARY))(one, draw(st.sampled_from(tensors))))
    used = draw(st.lists(st.sampled_from(tensors), min_size=1, max_size=6))
    return torch.stack(used).sum()
