from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch
from hypothesis import given

from engine.autograd.backward import BackwardFailed, record_backward
from engine.autograd.capture import NoGraphError, walk
from engine.autograd.gradient_reader import COPIES_LIMIT, SMALL_LIMIT
from engine.autograd.graph import Backward, NodeGradient
from engine.autograd.tensor_reader import value_of
from tests.engine.autograd.graphs import roots
from tests.engine.script.scripts import content, numbers
from tests.examples import examples


def leaf_gradients(backward: Backward) -> list[NodeGradient]:
    return [g for g in backward.gradients if backward.graph.nodes[g.node].is_leaf]


@examples(60)
@given(roots())
def test_gradients_are_those_of_a_plain_backward(root: torch.Tensor) -> None:
    if not root.requires_grad:
        return
    leaves = [node.variable for node in walk(root).nodes if hasattr(node, "variable")]
    plain = torch.autograd.grad(root, leaves, retain_graph=True)
    backward = record_backward(root)
    for leaf, expected, seen in zip(leaves, plain, leaf_gradients(backward), strict=True):
        assert leaf.grad is not None
        assert torch.equal(leaf.grad, expected)
        after = content(seen.grad_after)
        assert after is not None
        assert torch.equal(after, expected)


def test_the_worked_example_node_by_node() -> None:
    x = torch.arange(4.0).reshape(2, 2).requires_grad_()
    backward = record_backward((3 * (x + 2) ** 2).mean(), scope={"x": x})
    titles = [backward.graph.nodes[gradient.node].title for gradient in backward.gradients]
    assert titles == ["Mean", "Mul", "Pow", "Add", "x"]
    mean, mul, power, _, leaf = backward.gradients
    assert numbers(mean.incoming[0]) == [1]
    assert numbers(mul.incoming[0]) == [0.25] * 4
    assert numbers(power.incoming[0]) == [0.75] * 4
    assert numbers(power.outgoing[0]) == [3, 4.5, 6, 7.5]
    assert leaf.outgoing == ()
    assert leaf.grad_before is None
    assert numbers(leaf.grad_after) == [3, 4.5, 6, 7.5]


def test_accumulation_shows_before_and_after() -> None:
    x = torch.tensor([1.0], requires_grad=True)
    record_backward(3 * x)
    (leaf,) = leaf_gradients(record_backward(3 * x))
    assert numbers(leaf.grad_before) == [3]
    assert numbers(leaf.incoming[0]) == [3]
    assert numbers(leaf.grad_after) == [6]


def test_a_shared_tensor_gets_the_sum_over_its_users() -> None:
    x = torch.tensor([2.0], requires_grad=True)
    y = x * 1
    backward = record_backward(y * 3 + y * 4)
    shared = next(g for g in backward.gradients if len(backward.graph.out_of[g.node]) == 2)
    assert numbers(shared.incoming[0]) == [7]


def test_weights_for_a_tensor_of_several_elements() -> None:
    x = torch.arange(3.0, requires_grad=True)
    (leaf,) = leaf_gradients(record_backward(x * 2, torch.tensor([1.0, 0.0, 10.0])))
    assert numbers(leaf.grad_after) == [2, 0, 20]


def test_only_the_inputs_asked_for() -> None:
    a, b = (torch.ones(1, requires_grad=True) for _ in range(2))
    backward = record_backward(a * b, inputs=[a], scope={"a": a, "b": b})
    assert [backward.graph.nodes[g.node].title for g in backward.gradients] == ["Mul", "a"]
    assert b.grad is None


def test_retaining_the_graph() -> None:
    x = torch.tensor([3.0], requires_grad=True)
    y = x**2
    record_backward(y, retain_graph=True)
    record_backward(y)
    assert x.grad is not None
    assert x.grad.item() == 12


@pytest.mark.filterwarnings("ignore:Using backward.* with create_graph")
def test_a_graph_of_the_gradient() -> None:
    x = torch.tensor([3.0], requires_grad=True)
    record_backward(x**3, create_graph=True)
    assert x.grad is not None
    first = x.grad
    x.grad = None
    record_backward(first)
    assert x.grad is not None
    assert x.grad.item() == 18


def test_no_graph() -> None:
    with pytest.raises(NoGraphError):
        record_backward(torch.ones(1))


class Failing(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        raise ZeroDivisionError("in the middle")


def test_an_error_in_the_middle_keeps_what_happened() -> None:
    a, b = (torch.ones(1, requires_grad=True) for _ in range(2))
    failing = Failing.apply(a)  # type: ignore[no-untyped-call]
    with pytest.raises(BackwardFailed) as failure:
        record_backward((b * 2 + failing).sum(), scope={"a": a, "b": b})
    backward = failure.value.backward
    assert isinstance(failure.value.__cause__, ZeroDivisionError)
    assert backward.error == "ZeroDivisionError: in the middle"
    ran = [backward.graph.nodes[gradient.node].title for gradient in backward.gradients]
    assert ran == ["Sum", "Add", "Mul", "b"]


def test_backward_on_several_elements_fails_before_the_first_node() -> None:
    x = torch.ones(2, requires_grad=True)
    with pytest.raises(BackwardFailed, match="only for scalar outputs") as failure:
        record_backward(x * 2)
    assert failure.value.backward.gradients == ()


def test_nothing_is_kept_alive() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * x
    loss = y.sum()
    gone = [weakref.ref(y), weakref.ref(loss)]
    backward = record_backward(loss)
    del y, loss
    gc.collect()
    assert backward.gradients
    assert [reference() for reference in gone] == [None, None]


class Hung:
    """Hung on a node it lives as long as the graph."""


def test_200_passes_leave_nothing_behind() -> None:
    x = torch.ones(1, requires_grad=True)
    accumulate = torch.autograd.graph.get_gradient_edge(x).node  # alive throughout
    graphs: weakref.WeakSet[Hung] = weakref.WeakSet()

    def passes(count: int) -> None:
        for _ in range(count):
            out: Any = (x * 2).sum()
            hung = out.grad_fn.metadata["hung"] = Hung()
            graphs.add(hung)
            assert len(record_backward(out).gradients) == 3
        del out, hung
        gc.collect()

    passes(50)
    objects = len(gc.get_objects())
    passes(150)
    assert len(graphs) == 0
    assert len(gc.get_objects()) - objects < 50
    fired: list[object] = []
    with accumulate.register_hook(lambda *_: fired.append(1)):
        torch.autograd.backward((x * 2).sum())
    assert len(fired) == 1
    assert x.grad is not None
    assert x.grad.item() == 402


@pytest.mark.parametrize("size", [SMALL_LIMIT, 60_000])
def test_gradients_of_a_large_pass_are_read_in_parts(size: int) -> None:
    x = torch.ones(size, requires_grad=True)
    y = x
    factors = [2.0, 0.5] * (COPIES_LIMIT // size)
    for factor in reversed(factors):
        y = y * factor
    backward = record_backward(y.sum())
    expected = size**0.5
    for factor, gradient in zip(factors, backward.gradients[1:], strict=False):
        (incoming,) = gradient.incoming
        assert incoming is not None and incoming.summary is not None
        assert incoming.summary.norm == pytest.approx(expected)
        expected *= factor


def test_a_large_gradient_that_comes_where_another_one_was_is_read() -> None:
    """Memory of a gradient that is gone is given to one that comes; here a hook writes there."""
    w = torch.ones(300, 300, requires_grad=True)
    given = torch.ones(300, 300)
    hook = lambda gradient: given.fill_(7.0).view(300, 300)  # noqa: E731
    w.register_hook(hook)  # type: ignore[no-untyped-call]
    backward = record_backward(w * 2, given)
    (leaf,) = (one for one in backward.gradients if backward.graph.nodes[one.node].is_leaf)
    (came,) = leaf.incoming
    assert came == leaf.grad_after == value_of(given)


def test_nothing_stays_on_a_leaf_that_has_no_hooks_of_its_own() -> None:
    w, v = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    own = v.register_hook(lambda gradient: gradient * 3)  # type: ignore[no-untyped-call]
    record = record_backward((w * v).sum())
    assert {one.grad_after.numbers for one in record.gradients if one.grad_after} == {
        (1.0, 1.0),
        (3.0, 3.0),
    }
    assert w._backward_hooks is None and w._post_accumulate_grad_hooks is None
    assert list(v._backward_hooks) == [own.id]
