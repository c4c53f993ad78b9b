"""`graph` on a script or a lesson: as text, as JSON and for Graphviz."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from rich.cells import cell_len

from engine.lessons import LESSONS
from tests.tui.cli.conftest import Ask, parsed


def test_the_worked_example_as_text(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    answer = ask("graph", "backward")
    title, place, heading, *rows, leaf = answer.out.splitlines()

    assert (answer.code, answer.err) == (0, "")
    assert title == "graph of out: 5 nodes, 4 edges, in backward order"
    assert place == "pass 0 of 3 · loss 40.5"
    assert " ".join(heading.split()) == "id op name made by inputs shape value gradient"
    assert [row.split()[2] for row in rows] == [
        "MeanBackward0",
        "MulBackward0",
        "PowBackward0",
        "AddBackward0",
        "AccumulateGrad",
    ]
    assert "[[0.75, 0.75], [0.75, 0.75]]" in rows[2]
    assert leaf == "x.grad: none, then [[3, 4.5], [6, 7.5]]"


def test_the_worked_example_in_80_columns(ask: Ask) -> None:
    _, _, heading, *rows, leaf = ask("graph", "backward").out.splitlines()

    assert heading.split() == ["id", "op", "tensor", "value", "gradient"]
    assert " z = 3 * y**2    [[12, 27], [48, 75]]  " in rows[1]
    assert leaf == "x.grad: none, then [[3, 4.5], [6, 7.5]]"
    assert max(map(cell_len, (heading, *rows))) <= 80


@pytest.mark.parametrize("columns", [80, 100, 200])
def test_the_widest_tables_fit(run: Ask, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    network = (
        "class Block(torch.nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        "        self.attention_projection = torch.nn.Linear(64, 64)",
        "    def forward(self, x):",
        "        return x + torch.relu(self.attention_projection(x))",
        "model = torch.nn.Sequential(*(Block() for _ in range(12)))",
        "out = model(torch.randn(8, 64))",
        "(out.mean() + sum(p.abs().sum() for p in model.parameters())).backward()",
    )

    out = run(*network).out.splitlines()

    assert len(out) > 100
    assert max(map(cell_len, out)) <= columns
    assert len({bias for line in out for bias in re.findall(r"\S*bias(?=  )", line)}) == 12


def test_the_worked_example_as_json(ask: Ask) -> None:
    document = parsed(ask("graph", "backward", "--json"))

    assert [(node["op"], node["shape"], node["leaf"]) for node in document["nodes"]] == [
        ("MeanBackward0", [], None),
        ("MulBackward0", [2, 2], None),
        ("PowBackward0", [2, 2], None),
        ("AddBackward0", [2, 2], None),
        ("AccumulateGrad", [2, 2], "x"),
    ]
    assert document["edges"] == [[1, 0, 0], [2, 1, 0], [3, 2, 0], [4, 3, 0]]
    assert [gradient["node"] for gradient in document["backward"]] == [0, 1, 2, 3, 4]
    assert document["backward"][-1]["incoming"] == [[[3.0, 4.5], [6.0, 7.5]]]
    assert document["backward"][-1]["grad_after"] == [[3.0, 4.5], [6.0, 7.5]]


def test_edges_run_from_maker_to_user_with_multiplicity(run: Ask) -> None:
    document = parsed(
        run("a = torch.ones(2, requires_grad=True)", "b = a * a", options=("--json",))
    )

    assert document["edges"] == [[1, 0, 0], [1, 0, 1]]
    assert document["backward"] == []


@pytest.mark.parametrize("lesson", [lesson.key for lesson in LESSONS])
def test_every_lesson_has_a_graph_in_every_form(ask: Ask, lesson: str) -> None:
    text, document = ask("graph", lesson), parsed(ask("graph", lesson, "--json"))
    source = ask("graph", lesson, "--dot").out

    assert text.code in (0, 1)
    nodes = len(document["nodes"])
    assert f"{nodes} node" in text.out.splitlines()[0]
    assert [node["id"] for node in document["nodes"]] == list(range(nodes))
    assert source.count("[label=") == nodes
    assert source.count(" -> ") == len(document["edges"])
    if graphviz := shutil.which("dot"):
        drawn = subprocess.run(
            [graphviz, "-Tsvg"], input=source.encode(), capture_output=True, check=True
        )
        assert drawn.stdout.count(b'class="node"') == nodes
        assert drawn.stderr == b""


def test_a_script_s_own_graph_for_graphviz(run: Ask) -> None:
    answer = run("w = torch.tensor(2.0, requires_grad=True)", "y = w * 3", options=("--dot",))

    assert (answer.code, answer.err) == (0, "")
    assert r'0 [label="Mul → y\nw * 3\nscalar float32\n= 6", style=bold];' in answer.out


def test_a_tensor_s_graph_and_the_script_s_own_arguments(run: Ask) -> None:
    script = (
        "import sys",
        "w = torch.tensor(2.0, requires_grad=True)",
        "y = w * float(sys.argv[1])",
        "loss = y.exp()",
        "loss.backward()",
    )

    answer = run(*script, options=("--tensor", "y", "--", "7"))
    wrong = run(*script, options=("--tensor", "z", "--", "7"))

    assert answer.out.startswith("graph of y: 2 nodes, 1 edge, no backward pass")
    assert "14" in answer.out
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.endswith("script.py makes no graph of a tensor z\n")


def test_numbers_json_has_no_word_for_are_null(run: Ask) -> None:
    document = parsed(
        run(
            "x = torch.tensor([float('nan'), float('inf'), 1.0], requires_grad=True)",
            "(x * 2).sum().backward()",
            options=("--json",),
        )
    )

    assert document["nodes"][-1]["value"] == [None, None, 1.0]


def test_a_large_tensor_is_a_corner_and_a_summary(run: Ask) -> None:
    script = ("x = torch.ones(100, 100, requires_grad=True)", "x.sum().backward()")

    value = parsed(run(*script, options=("--json",)))["nodes"][-1]["value"]

    assert value["shape"] == [100, 100]
    assert value["corner"] == [[1.0] * 4] * 4
    assert (value["norm"], value["mean"], value["non_finite"]) == (100.0, 1.0, 0)


def test_a_lesson_s_pass_by_its_number(ask: Ask) -> None:
    answer = ask("graph", "forgot_zero", "--pass", "0")
    about = ask("graph", "forgot_zero")

    assert (answer.code, about.code) == (0, 0)
    assert "\npass 0 of 4 · " in answer.out
    assert "\npass 1 of 4 · " in about.out
    assert "w.grad: 3, then 6" in about.out


def test_a_line_that_names_what_it_makes_is_not_named_again(run: Ask) -> None:
    out = run(
        "class Twice(torch.autograd.Function):",
        "    forward = staticmethod(lambda ctx, x: x * 2)",
        "    backward = staticmethod(lambda ctx, g: g * 2)",
        "w = torch.ones(1, requires_grad=True)",
        "y = Twice.apply(w)",
        "y.backward()",
    ).out
    assert " y = Twice.apply(w) " in out
    assert "y = y" not in out
