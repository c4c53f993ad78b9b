from __future__ import annotations

import shutil
import subprocess

import pytest

from engine.autograd.graph import Edge, Graph, Node
from engine.autograd.graphviz import dot
from engine.autograd.values import Value
from tests.hostile import PAYLOADS, unsafe


def graph(expression: str = "a * a", name: str = "a") -> Graph:
    scalar = Value((), "float32", (9.0,), ())
    return Graph(
        (
            Node(0, "MulBackward0", "y", expression, shape=(), dtype="float32", value=scalar),
            Node(1, "AccumulateGrad", name, shape=(), dtype="float32"),
        ),
        (Edge(0, 0, 1), Edge(0, 1, 1, 2)),
    )


def test_nodes_edges_and_how_they_look() -> None:
    assert dot(graph()).splitlines()[3:] == [
        r'  0 [label="Mul → y\na * a\nscalar float32\n= 9", style=bold];',
        r'  1 [label="a\nscalar float32", peripheries=2, color=darkgreen];',
        "  1 -> 0;",
        "  1 -> 0 [taillabel=2];",
        "}",
    ]


HOSTILE = ['"]; evil', "back\\slash\\", "\\N \\G", "new\nline", '\\"', *PAYLOADS.values()]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_nothing_in_a_text_can_end_it(text: str) -> None:
    source = dot(graph(text, text))
    assert source.count("\n") == dot(graph()).count("\n")
    assert not any(map(unsafe, source.split("\n")))
    for line in source.splitlines()[3:5]:
        # Pairs of backslashes and escaped quotes aside, two quotes are left.
        assert line.replace("\\\\", "").replace('\\"', "").count('"') == 2


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_graphviz_reads_it(text: str) -> None:
    drawn = subprocess.run(
        ["dot", "-Tplain"], input=dot(graph(text, text)).encode(), capture_output=True, check=True
    )
    plain = drawn.stdout.decode()
    assert plain.count("\nnode ") == 2
    assert plain.count("\nedge ") == 2
    assert not drawn.stderr
