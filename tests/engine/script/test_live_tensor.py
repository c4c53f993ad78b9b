from __future__ import annotations

import gc
import weakref

import pytest
import torch

from engine.autograd.backward import BackwardFailed
from engine.autograd.capture import NoGraphError
from engine.script.live_tensor import Live
from tests.engine.script.scripts import numbers


def test_a_rehearsal_shows_the_pass_and_changes_nothing() -> None:
    w = torch.tensor([2.0], requires_grad=True)
    v = torch.tensor([5.0], requires_grad=True)
    w.grad = grad = torch.tensor([1.0])
    loss = (w * v).sum()
    with Live(loss, {"w": w, "v": v}) as live:
        first, second = live.rehearse(), live.rehearse()
    for backward in (first, second):
        after = {backward.graph.nodes[g.node].name: g for g in backward.gradients}
        assert numbers(after["w"].grad_before) == [1]
        assert numbers(after["w"].grad_after) == [6]
        assert after["v"].grad_before is None
    assert w.grad is grad
    assert grad.item() == 1
    assert v.grad is None
    torch.autograd.backward(loss)


def test_a_rehearsal_that_fails_changes_nothing_either() -> None:
    w = torch.ones(2, requires_grad=True)
    w.grad = grad = torch.ones(2)
    live = Live(w * 2)
    with pytest.raises(BackwardFailed, match="scalar"):
        live.rehearse()
    assert live.rehearse(torch.ones(2)).gradients
    assert w.grad is grad


def test_details_of_a_node_of_a_large_graph() -> None:
    x = torch.tensor([2.0], requires_grad=True)
    y = x
    for _ in range(1_001):
        y = y * 1.0
    y = y.sin()
    live = Live(y, {"x": x})
    assert live.graph.nodes[1].value is None
    assert numbers(live.details(1).value) == [2]
    assert numbers(live.details(len(live.graph.nodes) - 1).value) == [2]


def test_a_rehearsal_of_a_large_graph_sees_what_has_changed_meanwhile() -> None:
    x = torch.tensor([2.0], requires_grad=True)
    y = x * 1.0
    for _ in range(1_001):
        y = y * 1.0
    live = Live(y, {"x": x, "y": y})
    assert live.rehearse().graph is live.graph
    x.data.mul_(3)
    *others, leaf = live.rehearse().graph.nodes
    assert numbers(leaf.value) == [6]
    assert others == [*live.graph.nodes[:-1]]
    y.add_(1)
    added, before, *_ = live.rehearse().graph.nodes
    assert (added.title, added.name, before.title, before.name) == ("Add", "y", "Mul", None)


def test_what_is_in_scope() -> None:
    w = torch.tensor([2.0], requires_grad=True)
    live = Live(w * 2, {"w": w, "model": torch.nn.Linear(1, 1), "text": "w"})
    assert [tensor.name for tensor in live.tensors] == ["w", "model.weight", "model.bias"]
    assert numbers(live.tensors[0].value) == [2]


def test_nothing_is_kept_alive_after_closing() -> None:
    loss = (torch.ones(2, requires_grad=True) * 2).sum()
    gone = weakref.ref(loss)
    live = Live(loss)
    live.rehearse()
    live.close()
    del loss
    gc.collect()
    assert gone() is None
    assert live.graph.nodes[0].title == "Sum"


def test_a_tensor_without_a_graph() -> None:
    with pytest.raises(NoGraphError):
        Live(torch.ones(1))
