"""What is recorded at every node is what a plain hook there sees, whatever other hooks do."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.autograd.backward import record_backward
from engine.autograd.graph import LEAF_OP
from tests.engine.autograd.hooked import MEDDLERS, Meddle, equal_to_plain_hooks, tripled_in_place


@pytest.mark.parametrize("meddle", MEDDLERS)
def test_every_gradient_is_bit_for_bit_what_a_plain_hook_sees(meddle: Meddle) -> None:
    assert equal_to_plain_hooks(meddle)


def test_what_a_hook_changes_in_place_was_not_yet_so_when_it_left_the_node_before() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.register_hook(tripled_in_place)  # type: ignore[no-untyped-call]
    backward = record_backward(y.exp().sum())
    ops = {backward.graph.nodes[g.node].op: g for g in backward.gradients}
    left, came = ops["ExpBackward0"].outgoing[0], ops["MulBackward0"].incoming[0]
    assert left is not None
    assert came is not None
    assert came.numbers == pytest.approx([3 * float(n) for n in left.numbers])  # type: ignore[arg-type]


class Squared(torch.autograd.Function):
    """Squares, and in its own backward runs another pass that ends at the same leaf."""

    leaf: Tensor

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return x * x

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        with torch.enable_grad():
            t = torch.tensor(3.0, requires_grad=True)
            (t * t * Squared.leaf).backward()  # type: ignore[no-untyped-call]
        return gradients[0] * 6


def test_a_pass_inside_a_node_counts_between_two_arrivals_at_a_leaf() -> None:
    w, x = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
    Squared.leaf = w
    straight = w * 1  # made first, so that backward comes to it last
    backward = record_backward(straight + Squared.apply(x))  # type: ignore[no-untyped-call]
    arrivals = [
        (gradient.grad_before, gradient.incoming[0], gradient.grad_after)
        for gradient in backward.gradients
        if backward.graph.nodes[gradient.node].op == LEAF_OP
    ]
    numbers = [[None if v is None else v.numbers[0] for v in three] for three in arrivals]
    assert numbers == [[None, 6, 6], [9, 1, 10]]
