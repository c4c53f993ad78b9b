"""A node in one sentence, as a teacher would say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.lessons import find
from engine.recording.records import Recording
from engine.script.recorder import record
from tui.diagram.node_facts import known_of
from tui.diagram.sentence import sentence
from tui.script.player import Player
from tui.script.position import Position


@pytest.fixture(scope="module")
def backward() -> Recording:
    lesson = find("backward")
    assert lesson is not None
    return record(Path(lesson.path))


def said(recording: Recording, title: str, *, nodes: int | None) -> str:
    """Of a node of the first pass, after so many nodes of it; None: before the pass."""
    lines = next(i + 1 for i, one in enumerate(recording.moments) if one.backward is not None)
    position = Position(lines - 1) if nodes is None else Position(lines, nodes)
    player = Player(recording, position)
    graph = player.graph
    assert graph is not None
    node = next(node for node in graph.nodes if node.title == title)
    return sentence(known_of(player, graph, node, None, ready=True))


def test_a_node_receives_multiplies_and_sends(backward: Recording) -> None:
    assert said(backward, "Pow", nodes=3) == (
        "Pow receives [[0.75, 0.75], [0.75, 0.75]], multiplies by 2 · y"
        " and sends [[3, 4.5], [6, 7.5]] to y"
    )
    assert said(backward, "Add", nodes=4) == (
        "Add receives [[3, 4.5], [6, 7.5]], passes it on unchanged"
        " and sends [[3, 4.5], [6, 7.5]] to x"
    )


def test_a_mean_and_a_sum_hand_the_same_to_every_element(tmp_path: Path) -> None:
    script = tmp_path / "reduced.py"
    script.write_text(
        "import torch\nx = torch.ones(2, 2, requires_grad=True)\n"
        "y = x + x.sum()\nout = y.mean()\nout.backward()\n"
    )
    run = record(script)
    assert said(run, "Mean", nodes=1) == (
        "Mean receives 1, divides by 4 for every element"
        " and sends [[0.25, 0.25], [0.25, 0.25]] to y"
    )
    assert said(run, "Sum", nodes=3) == (
        "Sum receives 1, hands it to every element and sends [[1, 1], [1, 1]] to x"
    )


def test_a_division_by_a_product_is_one(tmp_path: Path) -> None:
    script = tmp_path / "divided.py"
    script.write_text(
        "import torch\nx = torch.tensor(4.0, requires_grad=True)\nx.sqrt().backward()\n"
    )
    assert said(record(script), "Sqrt", nodes=1) == (
        "Sqrt receives 1, divides by (2 · x.sqrt()) and sends 0.25 to x"
    )


def test_a_leaf_says_what_becomes_of_its_grad(backward: Recording) -> None:
    assert said(backward, "x", nodes=5) == (
        "x receives [[3, 4.5], [6, 7.5]]: x.grad was None, and is that now"
    )


def test_before_backward_it_says_what_was_computed(backward: Recording) -> None:
    assert said(backward, "Mean", nodes=None) == "Mean computes z.mean() = 40.5"
    assert said(backward, "x", nodes=None) == "x is a leaf: [[0, 1], [2, 3]]"


def test_while_torch_loads_only_what_arrived_is_said(backward: Recording) -> None:
    lines = next(i + 1 for i, one in enumerate(backward.moments) if one.backward is not None)
    player = Player(backward, Position(lines, 2))
    graph = player.graph
    assert graph is not None
    known = known_of(player, graph, graph.nodes[1], None, ready=False)
    assert sentence(known) == "Mul receives [[0.25, 0.25], [0.25, 0.25]]"
    assert sentence(known._replace(raised=True)) == ("Mul is where backward failed")
