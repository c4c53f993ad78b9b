from __future__ import annotations

import pytest
from rich.cells import cell_len

from engine.autograd.graph import Node, NodeGradient
from engine.autograd.values import Value
from engine.rules.local_rule import LocalRule
from tests.tui.conftest import Open
from tui.diagram.node_details import Known, NodeDetails
from tui.diagram.node_gradients import Room, gradient_rows, wrapped


def test_lines_are_measured_in_cells_of_the_terminal() -> None:
    lines = wrapped("数据 数据 数据 数据", 10)
    assert lines == ["数据 数据", "数据 数据"]
    assert max(map(cell_len, lines)) <= 10


def test_a_word_wider_than_a_line_is_broken() -> None:
    assert wrapped("a 数据数据 b", 6) == ["a", "数据数", "据 b"]
    assert wrapped("", 6) == []


def test_a_rule_without_room_beside_its_input_stands_below_it() -> None:
    y = Value((2, 1), "float32", (1.0, 2.0), (2, 1))
    gradient = NodeGradient(0, (y,), (y,))
    rule = LocalRule(0, "g · 2 · y", "g[2×1] · 2 · y[2×1]", y, y, True)
    for width, lines in ((30, ["to y[1:, :2]: g · 2 · y"]), (20, ["to y[1:, :2]:", "g · 2 · y"])):
        rows = gradient_rows(gradient, gradient, (rule,), ("y[1:, :2]",), Room(width))
        texts = ["".join(span.text for span in row).rstrip() for row in rows]
        start = texts.index(lines[0])
        assert texts[start : start + len(lines)] == lines
        assert max(map(cell_len, texts)) <= width


@pytest.mark.parametrize("height", [40, 12])
async def test_where_rows_are_few_long_tensors_leave_room_for_the_rule(
    open_app: Open, height: int
) -> None:
    numbers = tuple(range(6 * 5))
    long = Value((6, 5), "float32", numbers, (6, 5))
    rule = LocalRule(0, "g · 2 · y", "g[6×5] · 2 · y[6×5]", long, long, True)
    known = Known(
        Node(0, "PowBackward0"), NodeGradient(0, (long,), (long,)), (rule,), inputs=("y",)
    )
    async with open_app() as screen:
        details = NodeDetails()
        details.styles.width, details.styles.height = 50, height
        await screen.app.screen.mount(details)
        await screen.pilot.pause()
        details.show_node(known)
        text = details.text.split("✓ matches autograd")[0]
        assert len(text.splitlines()) <= height
        assert ("[25 26 27 28 29]" in text) == (height == 40)
