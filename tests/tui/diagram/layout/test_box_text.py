from __future__ import annotations

import pytest
from rich.cells import cell_len

from engine.autograd.graph import LEAF_OP, Edge, Graph, Node, NodeGradient
from engine.autograd.values import Value
from tui.diagram.layout.box_text import WIDTHS, Detail, boxes

SQUARE = Value((2, 2), "float32", (4.0, 9.0, 16.0, 25.0), (2, 2))
GRAPH = Graph(
    (
        Node(0, "PowBackward0", name="z", expression="y**2", shape=(2, 2), value=SQUARE),
        Node(1, LEAF_OP, name="y", shape=(2, 2), value=SQUARE),
    ),
    (Edge(0, 0, 1),),
)
GRADIENTS = {
    0: NodeGradient(0, (SQUARE,), (SQUARE,)),
    1: NodeGradient(1, (SQUARE,), (), None, SQUARE),
}


def texts(detail: Detail, arrived: int, asked: int | None) -> list[list[str]]:
    found = boxes(GRAPH, GRADIENTS, arrived, detail, asked=asked)
    return [[line.text for line in box.lines] for box in found]


@pytest.mark.parametrize("detail", [one for one in WIDTHS if one not in ("compact", "title")])
def test_a_question_mark_takes_the_room_of_the_gradient_that_is_asked_for(detail: Detail) -> None:
    blank, asked = texts(detail, 0, None), texts(detail, 0, 0)
    assert next(text for text in asked[0] if text not in blank[0]).strip() in ("g × ?", "∂ ?")
    assert asked[1] == blank[1]
    assert "∂ ?" in "".join(texts(detail, 1, 1)[1])
    for before, after in zip(blank, asked, strict=True):
        assert len(before) == len(after)
        assert max(map(cell_len, before)) == max(map(cell_len, after))


def test_what_has_arrived_is_not_asked_for() -> None:
    assert texts("full", 1, 0) == texts("full", 1, None)
