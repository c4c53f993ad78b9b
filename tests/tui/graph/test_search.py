from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.autograd.graph import Graph, NodeGradient
from engine.autograd.values import Value
from tests.tui.diagram.layout.graphs import REGRESSION
from tui.graph import search


def found(graph: Graph, query: str, gradients: Sequence[NodeGradient] = ()) -> list[str]:
    hits = search.hits(graph, search.index(graph), lambda: gradients, query)
    return [graph.nodes[node].title for node in hits]


def number(value: float) -> Value:
    return Value((), "float32", (value,), ())


def gradient(node: int, value: float) -> NodeGradient:
    return NodeGradient(node, (number(value),), ())


def test_a_node_is_found_by_op_name_module_and_shape() -> None:
    add = next(node for node in REGRESSION.nodes if node.title == "Add")
    nodes = list(REGRESSION.nodes)
    nodes[add.id] = replace(add, module="model.head", shape=(50, 1), expression="x @ w + b")
    graph = Graph(tuple(nodes), REGRESSION.edges)
    assert found(graph, "mean") == ["Mean"]
    assert found(graph, "addback") == ["Add"]
    assert found(graph, "HEAD") == ["Add"]
    assert found(graph, "50×1") == ["Add"]
    assert found(graph, "[50, 1]") == ["Add"]
    assert found(graph, "head @ add") == ["Add"], "all words must be there"
    assert found(graph, "head mean") == []
    assert found(graph, "  ") == []


def test_leaves_are_found_as_such_and_not_by_the_op_that_fills_them() -> None:
    assert set(found(REGRESSION, "leaf")) == {leaf.title for leaf in REGRESSION.leaves}
    assert found(REGRESSION, "mul") == []


def test_nan_finds_values_and_gradients_that_are_not_finite() -> None:
    nodes = (replace(REGRESSION.nodes[0], value=number(math.inf)), *REGRESSION.nodes[1:])
    graph = Graph(nodes, REGRESSION.edges)
    assert found(graph, "nan", [gradient(2, math.nan), gradient(3, 1.0)]) == ["Mean", "Rsub"]
    assert found(graph, "nan rsub", [gradient(2, math.nan)]) == ["Rsub"]
    assert search.not_finite([gradient(3, 1.0), gradient(2, math.inf)]) == (2,)


def test_hits_are_walked_round_and_round() -> None:
    assert search.beside((2, 5, 9), 5, 1) == 9
    assert search.beside((2, 5, 9), 9, 1) == 2
    assert search.beside((2, 5, 9), 3, -1) == 2
    assert search.beside((2, 5, 9), 2, -1) == 9


def test_a_node_goes_by_number_or_name() -> None:
    assert search.named(REGRESSION, "0") == 0
    assert REGRESSION.nodes[search.named(REGRESSION, " w ")].name == "w"
    assert REGRESSION.nodes[search.named(REGRESSION, "Rsub")].op == "RsubBackward0"
    for wrong in ("7", "nobody", ""):
        with pytest.raises(ValueError, match=r"name|number"):
            search.named(REGRESSION, wrong)
