from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App
from textual.widgets import Static

from engine.autograd.graph import LEAF_OP, Edge, Graph, Node, NodeGradient
from tests.tui.conftest import Open
from tests.tui.graph.screens import IN_PROCESS, opened, pane_of
from tui.config.theme import THEMES
from tui.graph.costs import cost_rows
from tui.graph.costs_dialog import CostsScreen
from tui.script.subject import Script

GRAPH = Graph(
    (
        Node(0, "MeanBackward0", line=9, expression="out.mean()", keeps=0),
        Node(1, "AddmmBackward0", line=4, expression="self.b(h)", module="net.0.b", keeps=4000),
        Node(2, "TanhBackward0", line=4, expression="self.b(torch.tanh(h))", module="net.0",
             keeps=1000),
        Node(3, LEAF_OP, "net.0.b.weight", keeps=0),
    ),
    (Edge(0, 0, 1), Edge(1, 0, 2), Edge(1, 1, 3)),
)  # fmt: skip
GRADIENTS = {
    node: NodeGradient(node, (), (), seconds=seconds)
    for node, seconds in enumerate((0.001, 0.002, 0.008, 0.0005))
}


def test_a_line_has_the_sum_of_all_that_it_made() -> None:
    first, *_ = cost_rows(GRAPH, GRADIENTS, "line", "memory")
    assert first.label == "line 4  self.b(torch.tanh(h))"
    assert (first.nodes, first.keeps, first.seconds, first.node) == (2, 5000, 0.01, 1)


def test_sums_are_those_of_the_graph_whatever_is_grouped() -> None:
    for by in ("line", "block", "module", "op", "node"):
        rows = cost_rows(GRAPH, GRADIENTS, by, "time")
        assert sum(row.nodes for row in rows) == 4
        assert sum(row.keeps for row in rows) == 5000
        assert [row.seconds for row in rows] == sorted((r.seconds for r in rows), reverse=True)


def test_time_leads_to_the_slowest_node() -> None:
    first, *_ = cost_rows(GRAPH, GRADIENTS, "line", "time")
    assert first.node == 2


SCRIPT = """
import torch
x = torch.rand(100, 50)
w = torch.rand(50, 40, requires_grad=True)
h = torch.tanh(x @ w)
loss = h.exp().sum()
loss.backward()
"""


async def test_the_table_says_what_is_kept_and_leads_to_the_node(
    open_app: Open, tmp_path: Path
) -> None:
    path = tmp_path / "train.py"
    path.write_text(SCRIPT)
    async with open_app(recorders=IN_PROCESS) as screen:
        await opened(screen, Script(path))
        await screen.press("w")
        await screen.until(lambda: screen.app.screen.query("#costs-heading"))
        heading = str(screen.app.screen.query_one("#costs-heading").render())
        total, columns = heading.splitlines()
        assert "16 kB" in total, "of exp alone: h has a name, which holds it anyway"
        assert columns.split()[:2] == ["by", "line"]
        await screen.press("tab", "tab", "tab", "s", "enter")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert pane_of(screen).graph_widget.selected is not None


@pytest.mark.parametrize(("gradients", "time"), [(GRADIENTS, "11.5 ms"), ({}, "not run")])
async def test_there_is_no_time_before_backward_has_been(
    gradients: dict[int, NodeGradient], time: str
) -> None:
    app = App[None]()
    for theme in THEMES:
        app.register_theme(theme)
    app.theme = THEMES[0].name
    async with app.run_test(size=(80, 24)) as pilot:
        screen = CostsScreen(GRAPH, gradients)
        await app.push_screen(screen)
        await pilot.pause()
        assert time in str(screen.query_one("#costs-heading", Static).render())
