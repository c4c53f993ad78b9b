"""What is recorded at every node is what a plain hook there sees, whatever other hooks do."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor

from engine.autograd.backward import record_backward, watch_backward
from engine.autograd.capture import walk
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


def test_a_hook_after_the_leaf_changes_neither_what_arrived_nor_what_was_before() -> None:
    x = torch.ones(2, requires_grad=True)

    def ten_times(leaf: Tensor) -> None:
        assert leaf.grad is not None
        leaf.grad.mul_(10)

    x.register_post_accumulate_grad_hook(ten_times)  # type: ignore[no-untyped-call]
    seen = []
    for _ in range(2):
        (gradient,) = (g for g in record_backward((x * 3).sum()).gradients if not g.outgoing)
        values = gradient.grad_before, gradient.incoming[0], gradient.grad_after
        seen.append([None if value is None else value.numbers for value in values])
    assert seen == [[None, (3, 3), (30, 30)], [(30, 30), (3, 3), (330, 330)]]


def test_what_a_hook_does_to_grad_during_the_pass_comes_before_the_arrival() -> None:
    x = torch.ones(2, requires_grad=True)
    x.grad = torch.ones(2)

    def cleared(_: Tensor) -> None:
        x.grad = None

    y = x * 1
    y.register_hook(cleared)  # type: ignore[no-untyped-call]
    (gradient,) = (g for g in record_backward(y.sum()).gradients if not g.outgoing)
    assert gradient.grad_before is None


def test_gradients_of_many_examples_run_together_are_not_read() -> None:
    x, w = torch.ones(3, requires_grad=True), torch.ones(3)
    output = x * w
    walked = walk(output)
    found: list[Tensor] = []

    def run() -> None:
        found.extend(torch.autograd.grad(output, x, torch.eye(3), is_grads_batched=True))

    backward = watch_backward(walked, run, {})
    assert torch.equal(found[0], torch.eye(3))
    assert backward.error is None


class Listening(Tensor):
    """A tensor that writes down what is done to it."""

    heard: ClassVar[list[object]] = []

    @classmethod
    def __torch_function__(cls, called: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        cls.heard.append(called)
        return super().__torch_function__(called, types, args, kwargs or {})  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("listens", ["leaf", "grad"])
def test_a_tensor_that_listens_hears_nothing_of_what_is_read(listens: str) -> None:
    x = torch.ones(2).as_subclass(Listening if listens == "leaf" else Tensor).requires_grad_()
    x.grad = torch.ones(2).as_subclass(Listening)
    root = (x * 3).sum()
    Listening.heard.clear()
    (leaf,) = (g for g in record_backward(root).gradients if not g.outgoing)
    assert leaf.grad_after is not None
    assert leaf.grad_after.numbers == (4, 4)
    assert {Tensor.backward, torch.autograd.backward}.issuperset(Listening.heard)
