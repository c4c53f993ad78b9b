"""Moving from box to box with the arrow keys."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given

from engine.autograd.graph import Graph
from tests.tui.diagram.layout.graphs import DIAMOND, REGRESSION, boxes_of, graphs
from tui.diagram.layout.boxes import arrange
from tui.diagram.layout.layout import Direction, Layout, Side, neighbour

SIDES: tuple[Side, ...] = get_args(Side)


def drawn(graph: Graph, direction: Direction) -> Layout:
    layout = arrange(graph, boxes_of(graph), direction)
    assert layout is not None
    return layout


@pytest.mark.parametrize("direction", get_args(Direction))
@given(graph=graphs())
def test_every_node_can_be_reached(graph: Graph, direction: Direction) -> None:
    layout = drawn(graph, direction)
    reached, stack = {0}, [0]
    while stack:
        node = stack.pop()
        fresh = {neighbour(layout, node, side) for side in SIDES} - reached
        reached |= fresh
        stack.extend(fresh)
    assert reached == {node.id for node in graph.nodes}


@given(graph=graphs())
def test_a_move_goes_where_its_key_points(graph: Graph) -> None:
    layout = drawn(graph, "right")
    for node in range(len(graph.nodes)):
        here = layout.rectangles[node]
        left, right, up, down = (layout.rectangles[neighbour(layout, node, side)] for side in SIDES)
        assert left == here or left.right <= here.x
        assert right == here or right.x >= here.right
        assert up == here or up.bottom <= here.y
        assert down == here or down.y >= here.bottom


def test_along_the_main_line_and_off_to_a_leaf() -> None:
    titles = [node.title for node in REGRESSION.nodes]
    layout = drawn(REGRESSION, "right")
    assert titles[neighbour(layout, titles.index("Rsub"), "left")] == "Add"
    assert titles[neighbour(layout, titles.index("Add"), "left")] == "Mm"
    assert titles[neighbour(layout, titles.index("Mm"), "down")] == "b"
    assert titles[neighbour(layout, titles.index("Mean"), "right")] == "Mean"


def test_down_the_layers_when_data_flows_down() -> None:
    titles = [node.title for node in DIAMOND.nodes]
    layout = drawn(DIAMOND, "down")
    assert titles[neighbour(layout, titles.index("Sin"), "right")] == "Cos"
    assert titles[neighbour(layout, titles.index("Sin"), "down")] == "Mul"


def test_a_layout_fits_where_all_of_it_can_be_seen() -> None:
    layout = drawn(DIAMOND, "right")
    assert layout.fits(layout.width, layout.height)
    assert not layout.fits(layout.width - 1, layout.height)
    assert not layout.fits(layout.width, layout.height - 1)
