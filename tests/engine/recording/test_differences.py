from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.autograd.graph import Edge, Graph, Node, NodeGradient
from engine.autograd.values import TensorView, Value
from engine.recording.differences import (
    Differences,
    NodeChange,
    Side,
    changed_lines,
    differences,
    line_pairs,
    node_pairs,
    same_value,
)
from tests.engine.recording.examples import GRAPHS, TEXTS, VALUES, VIEWS, tuples

NAN = math.nan


def vector(*numbers: float) -> Value:
    return Value((len(numbers),), "float32", numbers, (len(numbers),))


def tensor(name: str, *numbers: float, grad: Value | None = None) -> TensorView:
    return TensorView(name, vector(*numbers), "cpu", True, True, None, grad, 0, 0)


def chain(*ops: str, values: tuple[float, ...] = ()) -> Graph:
    numbers = values or (0.0,) * len(ops)
    nodes = (
        Node(i, op, "w" if op == "AccumulateGrad" else None, value=vector(number))
        for i, (op, number) in enumerate(zip(ops, numbers, strict=True))
    )
    return Graph(tuple(nodes), tuple(Edge(i, 0, i + 1) for i in range(len(ops) - 1)))


SIDES = st.builds(Side, TEXTS, tuples(VIEWS, 3), st.none() | GRAPHS)


@given(SIDES)
def test_nothing_differs_from_itself(side: Side) -> None:
    ids = [n.id for n in side.graph.nodes] if side.graph else []
    names = [tensor.name for tensor in side.tensors]
    if ids == list(range(len(ids))) and len(set(names)) == len(names):
        assert differences(side, side) == Differences()


@given(VALUES)
def test_a_value_is_the_same_as_itself(value: Value) -> None:
    assert same_value(value, replace(value, numbers=tuple(value.numbers)))
    assert not same_value(value, None)


def test_nan_is_nan_and_a_shape_counts() -> None:
    assert same_value(vector(1.0, NAN), vector(1.0, NAN))
    assert not same_value(vector(NAN), vector(1.0))
    assert not same_value(vector(1.0), Value((), "float32", (1.0,), ()))


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_lines_are_paired_in_order_and_the_others_are_marked(
    one: list[str], other: list[str]
) -> None:
    before, after = "\n".join(one), "\n".join(other)
    pairs = line_pairs(before, after)
    assert list(pairs.values()) == sorted(set(pairs.values()))
    lines, gaps = changed_lines(before, after)
    assert not set(lines) & set(gaps)
    assert (before == after) <= (not lines and not gaps)
    count = len(after.splitlines())
    assert all(1 <= number <= count for number in (*lines, *gaps))


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("a\nb\nc", "a\nB\nc", ((2,), ())),
        ("a\nb\nc", "a\nb\nnew\nc", ((3,), ())),
        ("a\nb\nc", "a\nc", ((), (2,))),
        ("a\nb", "a", ((), (1,))),
        ("", "a", ((1,), ())),
    ],
)
def test_lines_that_are_new_changed_or_gone(
    before: str, after: str, marked: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    assert changed_lines(before, after) == marked


def test_a_changed_line_stands_for_the_one_it_was() -> None:
    assert line_pairs("a\nb\nc", "a\nB\nc")[2] == 2


def test_tensors_differ_in_value_grad_and_flags() -> None:
    before = [tensor("w", 1.0, NAN), tensor("x", 1.0), tensor("old", 1.0)]
    free = replace(tensor("x", 2.0), requires_grad=False)
    after = [tensor("w", 1.0, NAN, grad=vector(3.0)), free, tensor("new", 0.0)]
    found = differences(Side(tensors=before), Side(tensors=after))
    assert {one.name: one.what for one in found.tensors} == {
        "w": ("grad",),
        "x": ("value", "requires_grad"),
        "new": (),
        "old": (),
    }
    x = found.tensor("x")
    assert x is not None
    assert x.before == before[1]
    assert found.tensor("y") is None


def test_nodes_are_the_same_by_operation_in_backward_order() -> None:
    before = chain("Mean", "Mul", "AccumulateGrad", values=(1, 2, 3))
    after = chain("Mean", "Add", "Mul", "AccumulateGrad", values=(9, 0, 2, 3))
    assert dict(node_pairs(before, after)) == {0: 0, 1: 2, 2: 3}
    found = differences(Side(graph=before), Side(graph=after))
    assert found.nodes == (NodeChange(0, 0, value=True), NodeChange(None, 1))
    assert found.marked == {0, 1}
    assert differences(Side(graph=after), Side(graph=before)).gone == 1


def test_gradients_differ_where_both_are_there() -> None:
    graph = chain("Mean", "AccumulateGrad")
    one = (NodeGradient(0, (vector(1.0),), ()), NodeGradient(1, (vector(NAN),), ()))
    other = (NodeGradient(0, (vector(2.0),), ()), NodeGradient(1, (vector(NAN),), ()))
    found = differences(Side(graph=graph, gradients=one), Side(graph=graph, gradients=other))
    assert found.nodes == (NodeChange(0, 0, gradient=True),)
    assert found.node(1) is None
    early = differences(Side(graph=graph, gradients=()), Side(graph=graph, gradients=other))
    assert early == Differences()


def test_graphs_that_are_large_are_not_compared() -> None:
    large = chain(*["Mul"] * 1001)
    assert node_pairs(large, large) == {}
    assert differences(Side(graph=large), Side(graph=chain("Mul"))).nodes == ()
