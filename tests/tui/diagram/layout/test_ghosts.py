"""What a box says of a gradient that was another one before something was changed."""

from __future__ import annotations

from engine.autograd.graph import Edge, Graph, Node, NodeGradient
from engine.autograd.values import Value
from tui.diagram.layout.box_text import Detail, boxes

GRAPH = Graph(
    (Node(0, "MulBackward0", name="y", shape=()), Node(1, "AccumulateGrad", name="x", shape=(2,))),
    (Edge(0, 0, 1),),
)


def gradients(root: float, *leaf: float) -> dict[int, NodeGradient]:
    one = Value((), "float32", (root,), ())
    added = Value((2,), "float32", leaf, (2,))
    return {0: NodeGradient(0, (one,), (added,)), 1: NodeGradient(1, (added,), (), None, added)}


def ghosts(detail: Detail, arrived: int) -> list[list[str]]:
    now, before = gradients(1.0, 4.0, 6.0), gradients(1.0, 2.0, 3.0)
    drawn = boxes(GRAPH, now, arrived, detail, before=before)
    return [[line.text for line in box.lines if line.role == "ghost"] for box in drawn]


def test_only_a_gradient_that_differs_has_one() -> None:
    assert ghosts("full", 2) == [[], ["was [2, 3]"]]
    assert ghosts("values", 2) == [[], ["was [2, 3]"]]


def test_its_room_is_there_before_it_arrives() -> None:
    (_, (leaf,)) = ghosts("full", 1)
    assert leaf == " " * len("was [2, 3]")


def test_narrow_boxes_keep_their_room_for_what_is() -> None:
    assert ghosts("narrow", 2) == ghosts("compact", 2) == [[], []]
