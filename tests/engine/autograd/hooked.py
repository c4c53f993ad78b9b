"""A computation with a hook on its way, and what plain hooks at all nodes see of its pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import torch
from torch import Tensor

from engine.autograd.backward import BackwardFailed, record_backward
from engine.autograd.backward_order import backward_order
from engine.autograd.graph import Backward
from engine.autograd.tensor_reader import value_of
from engine.autograd.values import Value

Seen = list[tuple[int, tuple[Value | None, ...], tuple[Value | None, ...]]]
Meddle = Callable[[Tensor], Tensor | None]


def tripled(g: Tensor) -> Tensor:
    return g * 3


def tripled_in_place(g: Tensor) -> None:
    g.mul_(3)


def raising(g: Tensor) -> None:
    raise ValueError("the script's own hook")


def computed(meddle: Meddle) -> tuple[Tensor, Tensor]:
    """A leaf, and what was computed from it with a hook on the way that meddles."""
    x = torch.linspace(-1, 2, 6).reshape(2, 3).requires_grad_()
    middle = (x * 3).tanh()
    middle.register_hook(meddle)  # type: ignore[no-untyped-call]
    branches = middle.exp() + middle * middle
    return x, (branches * x).sum()


def seen_by_plain_hooks(root: Tensor) -> Seen:
    seen: Seen = []

    def look(position: int, out: Sequence[Tensor | None], incoming: Sequence[Tensor]) -> None:
        def read(gradients: Sequence[Tensor | None]) -> tuple[Value | None, ...]:
            return tuple(None if g is None else value_of(g) for g in gradients)

        seen.append((position, read(out), read(incoming)))

    for position, node in enumerate(backward_order([root.grad_fn])):
        node.register_hook(partial(look, position))
    with suppress(ValueError):
        root.backward()  # type: ignore[no-untyped-call]
    return seen


def recorded(root: Tensor) -> Backward:
    try:
        return record_backward(root)
    except BackwardFailed as failure:
        return failure.backward


MEDDLERS: tuple[Meddle, ...] = (tripled, tripled_in_place, raising, lambda g: None)


def equal_to_plain_hooks(meddle: Meddle) -> bool:
    """Whether every gradient is, bit for bit, what a plain hook sees, and an error an error."""
    _, root = computed(meddle)
    plain = seen_by_plain_hooks(root)
    _, again = computed(meddle)
    backward = recorded(again)
    seen = [(g.node, g.outgoing, g.incoming) for g in backward.gradients]
    return seen == plain and (backward.error is None) == (meddle is not raising)
