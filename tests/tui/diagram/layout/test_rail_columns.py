from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.autograd.graph import Graph, NodeGradient
from engine.autograd.values import Summary, Value
from tests.tui.diagram.layout.graphs import graphs
from tui.diagram.layout.rail_columns import Costs, fitted
from tui.kit.text import tail
from tui.script.value_text import brief, value_lines, whole_lines

BIG = Value((50, 8), "float32", (0.5,) * 16, (4, 4), Summary(7.0, -0.25, 1.5, 0.5, 0))


def width(graph: Graph, node: int, gradient: NodeGradient | None, room: int) -> int:
    spans = fitted(graph, room).row(
        graph, graph.nodes[node], gradient, Costs(1, 12_345, 0.01), node
    )
    return sum(cell_len(span.text) for span in spans)


@given(graphs(), st.integers(30, 200))
def test_rows_are_as_wide_as_the_titles_whether_or_not_a_gradient_is_there(
    graph: Graph, room: int
) -> None:
    titles = cell_len(fitted(graph, room).titles)
    assert titles <= room
    for node in range(len(graph.nodes)):
        gradient = NodeGradient(node, (BIG,), (), grad_after=BIG)
        assert width(graph, node, None, room) == titles
        assert width(graph, node, gradient, room) == titles


@pytest.mark.parametrize(
    ("value", "room", "text"),
    [
        (Value((), "float32", (0.75,), ()), 9, "0.75"),
        (BIG, 12, "-.25 … 1.5"),
        (BIG, 6, "≤1.5"),
        (BIG, 3, ""),
        (Value((2,), "float32", (math.nan, 1.0), (2,)), 12, "[nan, 1]"),
        (Value((9,), "float32", (0.5,) * 9, (9,)), 12, "all .5"),
    ],
)
def test_a_narrow_column_says_as_much_as_fits(value: Value, room: int, text: str) -> None:
    assert brief(value, room) == text


def test_numbers_of_a_vector_that_need_little_more_room_do_without_commas() -> None:
    vector = Value((4,), "float32", (0.25,) * 4, (4,))
    assert value_lines(vector, 24) == ["[0.25, 0.25, 0.25, 0.25]"]
    assert value_lines(vector, 23) == ["[0.25 0.25 0.25 0.25]"]
    assert whole_lines(vector, 20, 4, brackets="") == ["0.25 0.25 0.25 0.25"]
    assert value_lines(vector, 18)[0] == "4  all 0.25"


def test_a_big_value_is_its_summary_and_its_corner() -> None:
    first, second, *corner = value_lines(BIG, 40)
    assert first == "50×8  -0.25 … 1.5"
    assert second == "mean 0.5  norm 7"
    assert corner == ["0.5 0.5 0.5 0.5 …"] * 4 + ["…"]


def test_of_a_path_the_end_is_kept() -> None:
    assert tail("layers.0.weight", 20) == "layers.0.weight"
    assert tail("layers.0.weight", 9) == "…0.weight"
    assert tail("layers", 0) == ""
