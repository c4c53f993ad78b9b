"""Layers and orders: short, straight, and the same when the graph grows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from engine.autograd.graph import Graph
from tests.tui.diagram.layout.graphs import (
    ATTENTION,
    DIAMOND,
    REGRESSION,
    RESIDUAL,
    WORKED,
    Step,
    boxes_of,
    chain,
    flowing,
    graphs,
)
from tui.diagram.layout.boxes import arrange
from tui.diagram.layout.crossings import Order, ordered
from tui.diagram.layout.layers import LIMIT, layered
from tui.diagram.layout.layout import Layout, Rectangle


def by_title(graph: Graph) -> dict[str, int]:
    found = layered(graph)
    assert found is not None
    return {node.title: found.layer[node.id] for node in graph.nodes}


def drawn(graph: Graph) -> Layout:
    layout = arrange(graph, boxes_of(graph), "right")
    assert layout is not None
    return layout


def crossings(graph: Graph, order: Order) -> int:
    """Pairs of wires in the opposite order at their two ends, by the definition."""
    vertices = layered(graph)
    assert vertices is not None
    rank = {vertex: i for row in order for i, vertex in enumerate(row)}
    total = 0
    for wires in vertices.wires:
        ends = [((rank[w.tail], w.exit), (rank[w.head], w.entry)) for w in wires]
        total += sum(a[0] < b[0] and a[1] > b[1] for a in ends for b in ends)
    return total


@given(graph=graphs())
def test_every_wire_leads_to_the_next_layer(graph: Graph) -> None:
    vertices = layered(graph)
    assert vertices is not None
    for channel, wires in enumerate(vertices.wires):
        for wire in wires:
            assert (vertices.layer[wire.tail], vertices.layer[wire.head]) == (channel, channel + 1)
    for edge, way in zip(graph.edges, vertices.ways, strict=True):
        assert (way[0].tail, way[-1].head) == (edge.source, edge.target)
        assert all(a.head == b.tail for a, b in pairwise(way))


@given(graph=graphs())
def test_an_order_has_every_place_once_and_in_its_layer(graph: Graph) -> None:
    vertices = layered(graph)
    assert vertices is not None
    order = ordered(vertices)
    assert sorted(p for row in order for p in row) == list(range(len(vertices.layer)))
    assert all(vertices.layer[p] == i for i, row in enumerate(order) for p in row)


def test_leaves_stand_next_to_their_first_user() -> None:
    layers = by_title(REGRESSION)
    assert layers["w"] == layers["Mm"] - 1
    assert layers["b"] == layers["Add"] - 1


def test_what_only_leaves_feed_stands_next_to_its_user_too() -> None:
    graph = flowing(("x", ()), ("Sin", (0,)), ("Cos", (1,)), ("w", ()), ("T", (3,)), ("Mm", (2, 4)))
    layers = by_title(graph)
    assert (layers["w"], layers["T"], layers["Mm"]) == (1, 2, 3)


@pytest.mark.parametrize(
    ("graph", "fewest"), [(WORKED, 0), (DIAMOND, 0), (REGRESSION, 0), (RESIDUAL, 0), (ATTENTION, 1)]
)
def test_few_wires_cross(graph: Graph, fewest: int) -> None:
    vertices = layered(graph)
    assert vertices is not None
    assert crossings(graph, ordered(vertices)) == fewest


def test_an_entangled_order_is_untangled() -> None:
    leaves: list[Step] = [(name, ()) for name in "abcd"]
    ops: list[Step] = [("Sin", (2,)), ("Cos", (0,)), ("Exp", (3,)), ("Neg", (1,))]
    graph = flowing(*leaves, *ops, ("Cat", (5, 7, 4, 6)))
    vertices = layered(graph)
    assert vertices is not None
    assert crossings(graph, ordered(vertices)) == 0


@pytest.mark.parametrize(
    "steps",
    [
        [("x", ()), ("Add", (0,)), ("Pow", (1,)), ("Mul", (2,)), ("Mean", (3,))],
        [("w", ()), ("Mm", (0,)), ("b", ()), ("Add", (1, 2)), ("Rsub", (3,)), ("Pow", (4,))],
    ],
)
def test_boxes_stay_where_they_are_when_a_line_is_added(steps: list[Step]) -> None:
    seen: dict[int, Rectangle] = {}
    for count in range(1, len(steps) + 1):
        if len(flowing(*steps[:count]).roots) > 1:
            continue
        layout = drawn(flowing(*steps[:count]))
        for vertex in range(count):
            box = layout.rectangles[count - 1 - vertex]
            assert (box.x, box.y) == seen.setdefault(vertex, box)[:2]


def test_the_main_line_of_a_residual_block_is_straight() -> None:
    layout = drawn(RESIDUAL)
    ops = {n.id: n.title for n in RESIDUAL.nodes}
    exits = {
        route[0].y
        for edge, route in zip(RESIDUAL.edges, layout.routes, strict=True)
        if ops[edge.source] in ("Mm", "Add", "Relu")
    }
    assert len(exits) == 1


def test_the_limit_counts_what_long_edges_pass() -> None:
    assert layered(chain(LIMIT)) is not None
    assert layered(chain(LIMIT + 1)) is None
    steps: list[Step] = [("x", ()), *(("Sin", (i,)) for i in range(LIMIT // 2 - 10))]
    assert layered(flowing(*steps, ("Add", (len(steps) - 1, 0)))) is not None
    longer: list[Step] = [*steps, *(("Sin", (len(steps) - 1 + i,)) for i in range(50))]
    assert layered(flowing(*longer, ("Add", (len(longer) - 1, 0)))) is None
