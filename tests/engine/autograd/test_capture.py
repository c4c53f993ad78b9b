from __future__ import annotations

from typing import Any

import pytest
import torch

from engine.autograd.capture import NoGraphError, capture, describe, node_details, walk
from engine.autograd.graph import DETAILS_LIMIT, Edge, Graph, Node
from engine.autograd.live_nodes import DETAILS_LEAST
from engine.autograd.values import Value
from tests.engine.script.scripts import numbers


def node(graph: Graph, op: str) -> Node:
    (found,) = (node for node in graph.nodes if node.op == op)
    return found


def saved(graph: Graph, op: str, name: str) -> list[float] | None:
    content = node(graph, op).content(name)
    assert content is None or isinstance(content, Value)
    return numbers(content)


def test_a_tensor_used_twice_has_two_edges_in_argument_order() -> None:
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    graph = capture((a * a).sum(), {"a": a})
    assert [node.title for node in graph.nodes] == ["Sum", "Mul", "a"]
    assert graph.edges == (Edge(0, 0, 1), Edge(1, 0, 2), Edge(1, 1, 2))


def test_arguments_keep_their_places() -> None:
    a, b = (torch.ones(2, requires_grad=True) for _ in range(2))
    graph = capture(b - a, {"a": a, "b": b})
    names = [graph.nodes[edge.source].name for edge in graph.into[0]]
    assert names == ["b", "a"]


def test_which_output_of_several_is_used() -> None:
    x = torch.arange(6.0, requires_grad=True)
    first, _, last = torch.chunk(x, 3)
    graph = capture(last * first)
    assert [edge.output for edge in graph.into[0]] == [2, 0]


def test_names_shapes_and_values_of_what_is_in_scope() -> None:
    x = torch.tensor([[1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    y = x + 1
    graph = capture(y.sum(), {"x": x, "y": y})
    add, leaf = graph.nodes[1:]
    assert (add.name, add.shape, add.dtype, add.device) == ("y", (1, 2), "float64", "cpu")
    assert numbers(add.value) == [2, 3]
    assert (leaf.name, leaf.is_leaf, numbers(leaf.value)) == ("x", True, [1, 2])


def test_saved_tensors_by_name_and_what_is_not_needed_is_none() -> None:
    w = torch.tensor([2.0], requires_grad=True)
    x = torch.tensor([3.0])
    graph = capture((w * x) ** 2)
    assert saved(graph, "MulBackward0", "other") == [3]
    assert saved(graph, "MulBackward0", "self") is None
    assert saved(graph, "PowBackward0", "self") == [6]
    assert node(graph, "PowBackward0").content("exponent") == 2


def test_a_freed_graph_says_so() -> None:
    x = torch.ones(2, requires_grad=True)
    loss = (x * x).sum()
    torch.autograd.backward(loss)
    graph = capture(loss)
    assert node(graph, "MulBackward0").freed
    assert node(graph, "MulBackward0").saved == ()


def test_a_saved_tensor_changed_in_place_says_so() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x.sigmoid()
    z = y.sum()
    with torch.no_grad():
        y += 1
    assert node(capture(z), "SigmoidBackward0").content("result") == (
        "changed in place since it was saved"
    )


class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        x: torch.Tensor = ctx.saved_tensors[0]
        return 2 * x * gradients[0]


def test_a_custom_function() -> None:
    x = torch.tensor([3.0], requires_grad=True)
    y = Square.apply(x)  # type: ignore[no-untyped-call]
    graph = capture(y)
    assert graph.nodes[0].title == "Square"
    assert saved(graph, "SquareBackward", "tensor 0") == [3]
    y.backward()
    assert capture(y).nodes[0].freed


def test_packed_tensors_are_not_unpacked() -> None:
    def unpack(_: object) -> torch.Tensor:
        raise AssertionError("unpacked")

    x = torch.ones(2, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.shape, unpack):
        y = x.exp()
    assert node(capture(y), "ExpBackward0").content("result") == "packed by a hook"


def test_a_view_of_a_leaf() -> None:
    x = torch.arange(4.0, requires_grad=True)
    graph = capture(x[1:3].sum(), {"x": x})
    assert [node.title for node in graph.nodes] == ["Sum", "Slice", "x"]


def test_an_in_place_change_is_a_node_and_the_name_moves_with_it() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y += 1
    graph = capture(y.sum(), {"y": y})
    assert [(node.title, node.name) for node in graph.nodes] == [
        ("Sum", None),
        ("Add", "y"),
        ("Mul", None),
        ("leaf", None),
    ]


def test_a_leaf_alone() -> None:
    x = torch.ones(2, requires_grad=True)
    assert [node.title for node in capture(x, {"x": x}).nodes] == ["x"]


def test_no_graph() -> None:
    with pytest.raises(NoGraphError, match="does not require grad"):
        capture(torch.ones(2))


def test_of_a_large_graph_saved_numbers_are_read_on_demand() -> None:
    x = torch.tensor([1.0], requires_grad=True)
    y = x
    for _ in range(DETAILS_LIMIT):
        y = y * x
    walked = walk(y)
    graph = capture(y, {"x": x})
    assert graph.nodes[3].shape == (1,)
    assert (graph.nodes[3].saved, graph.nodes[3].value) == ((), None)
    detailed = node_details(walked, graph.nodes[3])
    assert detailed.content("self") == detailed.value == graph.leaves[0].value
    assert numbers(detailed.value) == [1]


def test_so_many_numbers_are_read_of_a_large_graph_and_no_more() -> None:
    y = torch.ones(1, requires_grad=True)
    for _ in range(20):
        y = y.sin()
    graph = describe(walk(y), {}, for_good=True, limit=10, budget=3 * DETAILS_LEAST)
    saved = [node.content("self") for node in graph.nodes[:-1]]
    read = [content for content in saved if isinstance(content, Value) and content.numbers]
    assert len(read) == 3
