from __future__ import annotations

from pathlib import Path

import torch

from engine.autograd.values import TensorView, Value
from tests.tui.conftest import Open
from tests.tui.graph.screens import (
    IN_PROCESS,
    lesson,
    opened,
    pane_of,
    selected,
    stand,
)
from tui.diagram.node_details import NodeDetails
from tui.graph.graph_widget import GraphWidget
from tui.graph.search_bar import SearchBar
from tui.graph.tensor_table import TensorTable
from tui.inspect_tensor import live_tensor
from tui.script.scope import Scope
from tui.script.subject import Script


async def test_a_leaf_shows_its_ledger(open_app: Open) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        await lesson(screen, "forgot_zero")
        await screen.press("c", "left")
        details = screen.app.query_one(NodeDetails)
        assert "what happened to w.grad" in details.text
        assert "pass 1 added 3 → 6" in details.text
        assert "set to None" in details.text


async def test_a_rule_that_agrees_says_so_quietly(open_app: Open) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        await lesson(screen, "backward")
        await screen.press("c")
        assert "✓ matches autograd" in screen.app.query_one(NodeDetails).text


async def test_m_shows_every_fact_of_the_tensors_in_columns(open_app: Open) -> None:
    async with open_app(recorders=IN_PROCESS) as screen:
        await lesson(screen, "data_and_numpy")
        await stand(screen, 4)
        await screen.press("m")
        table = screen.app.query_one(TensorTable)
        await screen.until(lambda: "version" in table.text)
        title, *rows = table.text.splitlines()
        assert title.split()[0] == "name"
        assert title.endswith("grad"), "nothing shares memory"
        assert rows[0].split()[:6] == ["a", "float32", "3", "cpu", "yes", "yes"]
        await stand(screen, 7)
        title, a, *_ = table.text.splitlines()
        assert (title.split()[-1], a.split()[-1]) == ("shared", "values")
        await screen.press("escape")
        await screen.until(lambda: "version" not in table.text)


async def test_keys_of_the_graph_bring_it_back_where_the_tensors_are_alone(open_app: Open) -> None:
    async with open_app(size=(80, 24), recorders=IN_PROCESS) as screen:
        await lesson(screen, "backward")
        await stand(screen, 8)
        await screen.press("m")
        bar = screen.app.query_one(SearchBar)
        await screen.until(lambda: not bar.is_on_screen)
        await screen.press("slash", "m", "e", "a", "n")
        await screen.until(lambda: bar.is_on_screen)
        assert screen.app.query_one(GraphWidget).is_on_screen


LARGE = """\
import torch

model = torch.nn.Sequential(*(torch.nn.Linear(2, 2) for _ in range(400)))
big = torch.ones(300, 300)
loss = (model(torch.ones(1, 2)).sum() * big).sum()
"""


async def test_a_large_graph_says_what_of_it_was_not_read(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "large.py"
    path.write_text(LARGE)
    async with open_app(recorders=IN_PROCESS) as screen:
        pane = await opened(screen, Script(path))
        assert pane.graph is not None
        assert len(pane.graph.nodes) > 1_000
        details = screen.app.query_one(NodeDetails)
        await screen.press("home", "down")
        assert selected(screen).title == "Mul"
        assert "saved other  300×300\n  not read in so large a graph" in details.text
        await screen.press("end")
        assert selected(screen).name == "model.0.weight"
        table = screen.app.query_one(TensorTable)
        assert "… and 736 more tensors in scope" in table.text


async def test_of_a_large_live_graph_the_node_looked_at_is_read(open_app: Open) -> None:
    x = torch.full((2,), 2.0, requires_grad=True)
    y = x
    for _ in range(1_001):
        y = y * 1.0
    loss = (y.sin().sum() * torch.ones(300, 300)).sum()
    async with open_app(subject=live_tensor(loss, {"x": x})) as screen:
        pane = pane_of(screen)
        await screen.until(lambda: pane.state.recording is not None)
        await screen.press("home", "down")
        details = screen.app.query_one(NodeDetails)
        assert "mean 1  norm 300" in details.text
        await screen.press("down", "down")
        assert selected(screen).title == "Sin"
        assert "saved self  [2, 2]" in details.text
        await screen.press("down", "down")
        assert "output  not kept by autograd" in details.text


async def test_tensors_whose_names_end_alike_are_told_apart(open_app: Open) -> None:
    one = Value((), "float32", (1.0,), ())
    names = [f"model.layers.{n}.linear2.weight" for n in range(3)]
    views = tuple(
        TensorView(n, one, "cpu", True, True, None, None, 0, i) for i, n in enumerate(names)
    )
    async with open_app() as screen:
        table = screen.app.query_one(TensorTable)
        table.show_scope(Scope(views, (), 0))
        labels = [line.split()[0] for line in table.text.splitlines()[::2]]
        assert labels == ["0…near2.weight", "1…near2.weight", "2…near2.weight"]
