from __future__ import annotations

from functools import partial

import torch
from hypothesis import given

from engine.autograd.backward import record_backward
from engine.autograd.capture import capture
from tests.engine.autograd.graphs import roots
from tests.examples import examples


@examples(150)
@given(roots())
def test_ids_are_the_order_in_which_the_engine_runs(root: torch.Tensor) -> None:
    if not root.requires_grad:
        return
    backward = record_backward(root)
    backward.graph.check()
    assert [gradient.node for gradient in backward.gradients] == [
        node.id for node in backward.graph.nodes
    ]


def test_leaves_that_become_ready_together_keep_the_engines_order() -> None:
    leaves = [torch.rand(2, requires_grad=True) for _ in range(9)]
    backward = record_backward(torch.stack(leaves).sum())
    assert [gradient.node for gradient in backward.gradients] == list(range(11))


def test_a_chain_of_20_000_nodes_needs_no_recursion() -> None:
    tensor = torch.ones((), requires_grad=True)
    for _ in range(20_000):
        tensor = tensor + 1
    graph = capture(tensor)
    assert len(graph.nodes) == 20_001
    assert graph.nodes[-1].is_leaf
    graph.check()


def test_several_roots_one_of_them_inside_the_graph_of_another() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    z = y.sum()
    graph = capture([y, z])
    assert [graph.nodes[root].op for root in graph.roots] == ["MulBackward0", "SumBackward0"]
    assert [node.op for node in graph.nodes] == ["SumBackward0", "MulBackward0", "AccumulateGrad"]


def test_the_order_from_several_roots() -> None:
    x = torch.ones(2, requires_grad=True)
    outputs = [(x * 2).sum(), (x + 1).sum(), x.exp().sum()]
    order: list[str] = []
    expected = [node.op for node in capture(outputs).nodes]
    for node in _nodes(outputs):
        node.register_hook(partial(_append, order, type(node).__name__))
    torch.autograd.backward(outputs)
    assert order == expected


def _append(order: list[str], name: str, *_: object) -> None:
    order.append(name)


def _nodes(outputs: list[torch.Tensor]) -> list[torch.autograd.graph.Node]:
    found: dict[torch.autograd.graph.Node, None] = {}
    stack = [output.grad_fn for output in outputs]
    while stack:
        node = stack.pop()
        if node is not None and node not in found:
            found[node] = None
            stack += (source for source, _ in node.next_functions)
    return list(found)
