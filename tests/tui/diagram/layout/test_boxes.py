"""The painted boxes: what is connected on the screen is connected in the graph."""

from __future__ import annotations

from itertools import combinations
from typing import get_args

import pytest
from hypothesis import given
from rich.cells import cell_len

from engine.autograd.graph import LEAF_OP, Edge, Graph, Node
from tests.tui.diagram.layout.graphs import (
    DIAMOND,
    EXAMPLES,
    SQUARE,
    WORKED,
    boxes_of,
    chain,
    graphs,
)
from tui.diagram.layout.boxes import Box, BoxLine, arrange, edge_key, paint
from tui.diagram.layout.layout import Direction, Layout, Point
from tui.kit.glyphs import ASCII, DOWN, LEFT, RIGHT, UNICODE, UP
from tui.kit.spans import Picture

DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
STEPS = {UP: (0, -1), DOWN: (0, 1), LEFT: (-1, 0), RIGHT: (1, 0)}
OPPOSITE = {UP: DOWN, DOWN: UP, LEFT: RIGHT, RIGHT: LEFT}


def drawn(graph: Graph, direction: Direction, *more: str) -> tuple[Layout, Picture]:
    boxes = boxes_of(graph, *more)
    layout = arrange(graph, boxes, direction)
    assert layout is not None
    return layout, paint(layout, boxes, UNICODE)


def heads_from(rows: list[str], exit_: Point, direction: Direction) -> set[Point]:
    """Follow the line that leaves a border to all the arrow heads where it ends."""
    start = RIGHT if direction == "right" else DOWN
    heads, met, stack = set(), set(), [(exit_, start)]
    while stack:
        spot, arm = stack.pop()
        spot = Point(spot.x + STEPS[arm][0], spot.y + STEPS[arm][1])
        glyph = rows[spot.y][spot.x]
        if glyph in "▶▼":
            heads.add(spot)
            continue
        assert (spot, arm) not in met, "a line that forks never meets itself"
        met.add((spot, arm))
        assert glyph != "╋", "four arms only ever cross"
        arms = UP | DOWN | LEFT | RIGHT if glyph == "┼" else UNICODE.lines.index(glyph)
        assert arms & OPPOSITE[arm], f"{glyph} at {spot} is not joined to what leads to it"
        on = [arm] if glyph == "┼" else [a for a in STEPS if arms & a and a != OPPOSITE[arm]]
        assert on, f"the line ends at {spot}"
        stack.extend((spot, way) for way in on)
    return heads


def heads_of(layout: Layout) -> dict[Point, Edge]:
    """By the cells before a box, in the order of its inputs, the edges that should end there."""
    return {route[-1]: edge for edge, route in zip(layout.graph.edges, layout.routes, strict=True)}


@pytest.mark.parametrize("direction", DIRECTIONS)
@given(graph=graphs())
def test_every_line_leads_from_its_source_to_its_own_port(
    graph: Graph, direction: Direction
) -> None:
    layout, picture = drawn(graph, direction)
    rows = ["".join(span.text for span in row) for row in picture.rows]
    heads = heads_of(layout)
    assert len(heads) == len(graph.edges)
    for node, edges in enumerate(graph.out_of):
        exits = {layout.routes[graph.edges.index(edge)][0] for edge in edges}
        reached = [heads[head] for exit_ in exits for head in heads_from(rows, exit_, direction)]
        assert sorted(reached) == list(edges), f"node {node}"


@pytest.mark.parametrize("direction", DIRECTIONS)
@given(graph=graphs())
def test_ports_stand_in_input_order_at_the_border_of_the_target(
    graph: Graph, direction: Direction
) -> None:
    layout, _ = drawn(graph, direction, "a line")
    ports: dict[int, list[int]] = {node.id: [] for node in graph.nodes}
    for edge, route in zip(graph.edges, layout.routes, strict=True):
        box, head = layout.rectangles[edge.target], route[-1]
        along, start, size, across = (
            (head.x + 1 == box.x, box.y, box.height, head.y)
            if direction == "right"
            else (head.y + 1 == box.y, box.x, box.width, head.x)
        )
        assert along
        assert start < across < start + size - 1
        ports[edge.target].append(across)
    for places in ports.values():
        assert places == sorted(set(places))


@pytest.mark.parametrize("direction", DIRECTIONS)
@given(graph=graphs())
def test_boxes_keep_apart_and_lines_keep_off_them(graph: Graph, direction: Direction) -> None:
    layout, picture = drawn(graph, direction)
    for a, b in combinations(layout.rectangles, 2):
        assert a.right <= b.x or b.right <= a.x or a.bottom <= b.y or b.bottom <= a.y
    text = [[span for span in row for _ in range(cell_len(span.text))] for row in picture.rows]
    for node, box in enumerate(layout.rectangles):
        for y in range(box.y, box.bottom):
            assert {span.key for span in text[y][box.x : box.right]} == {node}
    assert all(sum(cell_len(span.text) for span in row) == picture.width for row in picture.rows)


@given(graph=graphs(most=8))
def test_the_same_graph_is_always_drawn_the_same(graph: Graph) -> None:
    again = Graph(graph.nodes, graph.edges, graph.roots)
    assert drawn(graph, "right")[1] == drawn(again, "right")[1]


def test_the_worked_example_is_one_straight_line() -> None:
    assert drawn(WORKED, "right")[1].text == (
        "╔═══╗   ╭─────╮   ╭─────╮   ╭─────╮   ┏━━━━━━┓\n"
        "║ x ╟──▶│ Add ├──▶│ Pow ├──▶│ Mul ├──▶┃ Mean ┃\n"
        "╚═══╝   ╰─────╯   ╰─────╯   ╰─────╯   ┗━━━━━━┛"
    )


def test_parallel_edges_fork_and_have_two_ports() -> None:
    assert drawn(SQUARE, "down")[1].text == (
        " ╔═══╗\n"
        " ║ a ║\n"
        " ╚═╤═╝\n"
        "   ├─╮\n"
        "   ▼ ▼\n"
        "╭─────╮\n"
        "│ Mul │\n"
        "╰──┬──╯\n"
        "   ▼\n"
        "┏━━━━━┓\n"
        "┃ Sum ┃\n"
        "┗━━━━━┛"
    )


def test_outputs_leave_at_ports_of_their_own() -> None:
    nodes = (Node(0, "MulBackward0"), Node(1, "UnbindBackward0"), Node(2, LEAF_OP, name="x"))
    graph = Graph(nodes, (Edge(0, 0, 1, output=1), Edge(0, 1, 1, output=0), Edge(1, 0, 2)))
    assert drawn(graph, "right")[1].text == (
        "╔═══╗   ╭────────╮\n"
        "║ x ╟──▶│ Unbind ├─╮ ┏━━━━━┓\n"
        "╚═══╝   │        ├─┼▶┃ Mul ┃\n"
        "        ╰────────╯ ╰▶┃     ┃\n"
        "                     ┗━━━━━┛"
    )


def test_ascii_pictures_are_ascii() -> None:
    for graph in EXAMPLES:
        boxes = boxes_of(graph)
        layout = arrange(graph, boxes, "right")
        assert layout is not None
        assert paint(layout, boxes, ASCII).text.isascii()


def test_texts_are_measured_in_cells() -> None:
    boxes = [Box(node.id, (BoxLine("op", "参数×2 θ"),)) for node in DIAMOND.nodes]
    layout = arrange(DIAMOND, boxes, "right")
    assert layout is not None
    assert {box.width for box in layout.rectangles} == {len("参数×2 θ") + 2 + 4}
    picture = paint(layout, boxes, UNICODE)
    assert {sum(cell_len(span.text) for span in row) for row in picture.rows} == {layout.width}


def test_a_lit_edge_is_lit_on_all_its_way_and_moves_nothing() -> None:
    boxes = boxes_of(DIAMOND)
    layout = arrange(DIAMOND, boxes, "right")
    assert layout is not None
    lit = next(i for i, edge in enumerate(DIAMOND.edges) if (edge.target, edge.index) == (0, 1))
    picture = paint(layout, boxes, UNICODE, {lit})
    assert picture.text.replace("◀", "─").replace("▶", "─") == paint(
        layout, boxes, UNICODE
    ).text.replace("▶", "─")
    spans = [span for row in picture.rows for span in row if span.role.startswith("way")]
    assert {span.key for span in spans} == {edge_key(lit)}
    assert "".join(span.text for span in spans) == "╭─││◀╯"
    assert [span.text for span in spans if span.role == "way-arrow"] == ["◀"]


def test_a_text_may_be_missing_but_room_for_ports_is_not() -> None:
    layout, picture = drawn(SQUARE, "right")
    square = next(node.id for node in SQUARE.nodes if node.op.startswith("Mul"))
    assert layout.rectangles[square].height == 4
    assert picture.height == 4


def test_a_graph_too_large_is_left_to_the_rails() -> None:
    graph = chain(20_000)
    assert arrange(graph, boxes_of(graph), "right") is None


def test_the_empty_graph_has_an_empty_picture() -> None:
    empty = Graph((), (), ())
    layout = arrange(empty, [], "right")
    assert layout is not None
    assert paint(layout, [], UNICODE) == Picture(0, ())
