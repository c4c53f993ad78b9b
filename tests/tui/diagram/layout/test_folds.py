from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.autograd.graph import Graph
from tests.tui.diagram.layout.graphs import Step, flowing, graphs
from tui.diagram.layout.folds import FOLD_OP, folded, groups
from tui.diagram.layout.rails import rails
from tui.kit.glyphs import UNICODE


def blocks(count: int) -> Graph:
    """A weight and two ops for each of some layers, as a model of blocks makes them."""
    steps: list[Step] = [("x", ())]
    for i in range(count):
        steps += [(f"w{i}", ()), ("Mm", (len(steps) - 1, len(steps))), ("Relu", (len(steps) + 1,))]
    return flowing(*steps, ("Sum", (len(steps) - 1,)))


def with_modules(graph: Graph, modules: dict[str, str]) -> Graph:
    """Node titles to modules."""
    nodes = tuple(replace(node, module=modules.get(node.op)) for node in graph.nodes)
    return Graph(nodes, graph.edges, graph.roots)


def test_a_module_goes_up_to_its_first_number_and_takes_its_leaves() -> None:
    modules = {"MmBackward0": "model.layers.0.linear", "ReluBackward0": "model.layers.0.act"}
    graph = with_modules(blocks(1), modules)
    by_title = {graph.nodes[i].title: name for i, name in enumerate(groups(graph))}
    assert by_title == {
        "Sum": "",
        "Relu": "model.layers.0",
        "Mm": "model.layers.0",
        "w0": "model.layers.0",
        "x": "model.layers.0",
    }


def test_without_modules_repeated_ops_are_rounds_of_a_loop() -> None:
    graph = blocks(4)
    names = groups(graph)
    assert sorted(set(names)) == ["", *(f"round {i} of 4" for i in (1, 2, 3, 4))]
    relus = [name for node, name in zip(graph.nodes, names, strict=True) if node.title == "Relu"]
    assert relus == [f"round {i} of 4" for i in (1, 2, 3, 4)]


def test_a_graph_without_repetition_has_no_structure() -> None:
    assert set(groups(flowing(("x", ()), ("Sin", (0,)), ("Cos", (1,))))) == {""}


def test_a_closed_structure_is_one_row_that_the_rails_draw() -> None:
    graph = blocks(4)
    names = groups(graph)
    shut = folded(graph, names, frozenset(["round 2 of 4"]))
    row = next(node for node in shut.graph.nodes if node.op == FOLD_OP)
    assert row.module == "round 2 of 4"
    assert [graph.nodes[i].title for i in shut.members[row.id]] == ["Relu", "Mm", "w2"]
    assert len(rails(shut.graph, UNICODE).row(row.id)) > 0


@given(graphs(), st.data())
def test_folding_keeps_every_node_in_one_row_and_the_order(
    graph: Graph, data: st.DataObject
) -> None:
    names = tuple(data.draw(st.sampled_from(["", "a", "b"])) for _ in graph.nodes)
    closed = data.draw(st.frozensets(st.sampled_from(["a", "b"])))
    shut = folded(graph, names, closed)
    shut.graph.check()
    assert [node for inside in shut.members for node in inside] == list(range(len(graph.nodes)))
    for row, inside in enumerate(shut.members):
        assert {shut.row_of[node] for node in inside} == {row}
    between = {
        (shut.row_of[edge.target], shut.row_of[edge.source])
        for edge in graph.edges
        if shut.row_of[edge.target] != shut.row_of[edge.source]
    }
    assert {(edge.target, edge.source) for edge in shut.graph.edges} == between
