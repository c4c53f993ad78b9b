"""What rules are called in the script's words: recorded as a user's script is."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.autograd.graph import Graph, Node
from engine.recording.records import Recording
from engine.rules.local_rule import LocalRule
from engine.rules.operands import in_script_words, operands, script_names
from engine.rules.table import local_rules
from engine.script.recorder import record

SETUP = """\
import torch
import torch.nn.functional as F
x = torch.ones(2, 3)
w = torch.ones(3, 2, requires_grad=True)
y = torch.tensor([[2., 3.], [4., 5.]], requires_grad=True)
h = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
layer = torch.nn.Linear(2, 2)
"""


def recorded(tmp_path: Path, line: str) -> Recording:
    path = tmp_path / "script.py"
    path.write_text(f"{SETUP}out = {line}\nout.sum().backward()\n")
    return record(path)


def node_of(recording: Recording, op: str) -> tuple[Node, Graph]:
    graph = recording.backwards[0].graph
    return next(node for node in graph.nodes if node.op.startswith(op)), graph


def rules_of(recording: Recording, op: str) -> list[LocalRule]:
    node, graph = node_of(recording, op)
    (gradient,) = (one for one in recording.backwards[0].gradients if one.node == node.id)
    names = script_names(node, graph)
    return [in_script_words(rule, names) for rule in local_rules(node, gradient, graph)]


@pytest.mark.parametrize(
    ("line", "op", "called"),
    [
        ("y**2", "Pow", ("y", "2")),
        ("3 * y", "Mul", ("y", "3")),
        ("3 - y", "Rsub", ("y", "3")),
        ("y / h", "Div", ("y", "h")),
        ("x @ w", "Mm", ("x", "w")),
        ("torch.exp(y + h)", "Exp", ("y + h",)),
        ("(y + h).exp()", "Exp", ("y + h",)),
        ("torch.where(y > 3, y, h)", "Where", ("y", "h")),
        ("layer(y)", "Addmm", ("layer.bias", "y", "layer.weight.T")),
    ],
)
def test_inputs_go_by_what_the_script_calls_them(
    tmp_path: Path, line: str, op: str, called: tuple[str, ...]
) -> None:
    node, graph = node_of(recorded(tmp_path, line), op)
    assert operands(node, graph) == called


@pytest.mark.parametrize(
    ("line", "op", "formulas"),
    [
        ("y**2", "Pow", ["g · 2 · y"]),
        ("(y + 2) ** 2", "Pow", ["g · 2 · (y + 2)"]),
        ("y * h", "Mul", ["g · h", "g · y"]),
        ("x @ w", "Mm", ["xᵀ @ g"]),
        ("y.exp()", "Exp", ["g · out"]),
        ("y.exp() * 2", "Exp", ["g · y.exp()"]),
        ("torch.log(y * h)", "Log", ["g / (y * h)"]),
        ("layer(y)", "Addmm", ["sum of g over dim 0", "g @ layer.weight", "yᵀ @ g"]),
    ],
)
def test_rules_speak_the_scripts_words(
    tmp_path: Path, line: str, op: str, formulas: list[str]
) -> None:
    assert [rule.symbols for rule in rules_of(recorded(tmp_path, line), op)] == formulas


def test_inner_operations_of_one_call_are_not_named_after_all_of_it(tmp_path: Path) -> None:
    recording = recorded(tmp_path, "F.cross_entropy(y, torch.tensor([0, 1]))")
    node, graph = node_of(recording, "LogSoftmax")
    assert "result" not in script_names(node, graph)
    node, graph = node_of(recording, "NllLoss")
    assert operands(node, graph) == (None,)


def test_a_long_expression_keeps_autograds_short_name(tmp_path: Path) -> None:
    (rule,) = rules_of(recorded(tmp_path, "(y + h + 1 + 2 + 3 + 4 + 5 + 6) ** 2"), "Pow")
    assert rule.symbols == "g · 2 · self"


def test_names_inside_other_words_stay() -> None:
    rule = LocalRule(0, "self2 · self · self.x · self(y) · selfᵀ", "", None, None, None)  # type: ignore[arg-type]
    assert in_script_words(rule, {"self": "a"}).symbols == "self2 · a · self.x · self(y) · aᵀ"
