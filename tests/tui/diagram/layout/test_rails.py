"""The rails: from every node its lanes lead to its inputs, and to nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.autograd.graph import Graph
from tests.tui.diagram.layout.graphs import ATTENTION, REGRESSION, Step, chain, flowing, graphs
from tui.diagram.layout.rails import Rails, rails
from tui.kit.glyphs import ASCII, DOWN, LEFT, RIGHT, UNICODE, UP

MARKS = "".join(UNICODE.marks.values())


def text(rails: Rails) -> list[str]:
    return ["".join(span.text for span in rails.row(node.id)) for node in rails.graph.nodes]


def arms_of(glyph: str) -> int:
    return UP | DOWN if glyph == UNICODE.crossing else UNICODE.lines.index(glyph)


def columns_from(row: str, mark: int) -> list[int]:
    """The columns at which the line beside a mark joins a lane."""
    joined = []
    for step, back in ((1, LEFT), (-1, RIGHT)):
        x = mark + step
        while 0 <= x < len(row) and (
            row[x] == UNICODE.crossing or UNICODE.lines.index(row[x]) & back
        ):
            if row[x] not in (UNICODE.crossing, "─"):
                joined.append(x)
            if row[x] != UNICODE.crossing and not UNICODE.lines.index(row[x]) & (
                LEFT + RIGHT - back
            ):
                break
            x += step
    return joined


def end_of_lane(rows: list[str], y: int, x: int) -> int:
    """The row with the mark to which a lane leads down."""
    for below in range(y + 1, len(rows)):
        if rows[below][x] in MARKS:
            return below
        assert arms_of(rows[below][x]) & (UP | DOWN) == UP | DOWN
    raise AssertionError("a lane leads nowhere")


def followed(rows: list[str], y: int) -> set[int]:
    mark = next(x for x, glyph in enumerate(rows[y]) if glyph in MARKS)
    columns = columns_from(rows[y], mark)
    below = rows[y + 1][mark] if y + 1 < len(rows) else " "
    if below in MARKS or arms_of(below) & UP:
        columns.append(mark)
    return {end_of_lane(rows, y, x) for x in columns}


@given(graph=graphs(most=20))
def test_lanes_lead_to_the_inputs(graph: Graph) -> None:
    rows = text(rails(graph, UNICODE))
    for node in graph.nodes:
        assert followed(rows, node.id) == {edge.source for edge in graph.into[node.id]}


@given(graph=graphs(most=20), limit=st.integers(1, 4))
def test_every_row_has_its_mark_and_the_full_width(graph: Graph, limit: int) -> None:
    drawn = rails(graph, UNICODE, limit)
    assert drawn.width <= 2 * limit + 1
    for node in graph.nodes:
        spans = drawn.row(node.id)
        assert sum(len(span.text) for span in spans) == drawn.width
        assert [span.key for span in spans if span.role in UNICODE.marks] == [node.id]


def test_linear_regression() -> None:
    assert text(rails(REGRESSION, UNICODE)) == ["◉  ", "●  ", "●  ", "●─╮", "│ ◆", "●  ", "◆  "]


def test_lanes_beyond_the_limit_share_one() -> None:
    rows = text(rails(ATTENTION, UNICODE, limit=2))
    assert rows[2] == "●─┼─…"
    assert {len(row) for row in rows} == {5}


def test_ascii_rails_are_ascii() -> None:
    assert all(row.isascii() for row in text(rails(ATTENTION, ASCII)))


def test_a_weight_that_every_step_uses_has_one_lane() -> None:
    steps: list[Step] = [("w", ()), ("h", ())]
    for _ in range(800):
        last = len(steps) - 1
        steps += [("Mm", (last, 0)), ("Tanh", (last + 1,))]
    drawn = rails(flowing(*steps), UNICODE)
    assert drawn.lanes == 2
    assert text(drawn)[1] == "●─╮"
    assert text(drawn)[3] == "●─┤"


def test_a_chain_of_20_000_nodes_is_one_lane() -> None:
    drawn = rails(chain(20_000), UNICODE)
    assert drawn.width == 1
    assert [text(drawn)[i] for i in (0, 1, -1)] == ["◉", "●", "◆"]


def test_an_empty_graph_has_no_lanes() -> None:
    assert rails(Graph((), (), ()), UNICODE).width == 0
