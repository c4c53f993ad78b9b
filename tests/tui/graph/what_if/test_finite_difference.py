"""Nudges against the mathematics: f(x + ε) - f(x), beside f'(x) · ε."""

from __future__ import annotations

import pytest

from engine.lessons import find
from tests.tui.graph.what_if.runs import EXAMPLE, leaf, moved, passed, run
from tui.graph.what_if.finite_difference import Moved, finding
from tui.graph.what_if.leaf_element import Aim, aim_at, nudged, step_of


def said(what: Moved) -> str:
    return "".join(span.text for span in finding(what))


def test_of_x_squared_the_rest_is_epsilon() -> None:
    source = "import torch\nx = torch.tensor(3.0, requires_grad=True)\ny = x * x\ny.backward()\n"
    found = moved(source, Aim("x", (), 0.25))
    assert (found.root, found.gradient, found.step) == ("y", 6.0, 0.25)
    assert found.moved == 3.25**2 - 9
    assert found.quotient == 6.25
    assert "0.25 apart\ncurvature" in said(found)


def test_of_the_worked_example_each_element_moves_by_its_own_gradient() -> None:
    for element, x in (((0, 0), 0.0), ((1, 1), 3.0)):
        found = moved(EXAMPLE, Aim("x", element, 0.03))
        assert found.gradient == pytest.approx(1.5 * (x + 2))
        assert found.moved == pytest.approx(0.75 * ((x + 2.03) ** 2 - (x + 2) ** 2), rel=1e-4)
        assert f"autograd {found.gradient:g}" in said(found)


def test_what_is_linear_agrees() -> None:
    source = """\
import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
y = (w * 3).sum()
y.backward()
"""
    found = moved(source, Aim("w", (1,), 0.02))
    assert found.quotient == pytest.approx(3, rel=1e-4)
    assert "✓ they agree, as far as float32 can tell" in said(found)


def test_in_linear_regression_it_is_the_gradient_of_the_loss_of_that_pass() -> None:
    lesson = find("linear_regression")
    assert lesson is not None
    source = lesson.path.read_text()
    for number in (0, 2):
        found = moved(source, Aim("w", (0, 0), 0.001), number)
        assert found.root == "loss"
        assert found.quotient == pytest.approx(found.gradient, rel=1e-2)


def test_of_a_root_with_several_elements_the_gradient_weighs_them() -> None:
    source = """\
import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
z = x * x
z.backward(torch.tensor([10.0, 100.0]))
"""
    found = moved(source, Aim("x", (1,), 0.5))
    assert (found.root, found.gradient) == ("Σ g · z", 400.0)
    assert found.moved == 100 * (2.5**2 - 4)


def test_a_leaf_written_before_its_use_is_nudged_after_that() -> None:
    source = """\
import torch
x = torch.zeros(2)
x += 1
x.requires_grad_()
def f(inside):
    return (inside ** 2).sum()
y = f(x)
y.backward()
"""
    assert moved(source, Aim("x", (0,), 0.5)).moved == 1.5**2 - 1


def test_it_is_found_in_a_function_by_the_name_that_it_has_there() -> None:
    source = """\
import torch
def train():
    w = torch.tensor(2.0, requires_grad=True)
    for _ in range(2):
        w.grad = None
        loss = w ** 2
        loss.backward()
train()
"""
    assert moved(source, Aim("w", (), 1.0), 1).moved == 5


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("y = x * x\nif y > 9:\n    y = y * 2\n", "goes another way"),
        ("y = x * x.detach().clone().requires_grad_()\n", "more of another leaf moved"),
        ("x.data.fill_(3.0); y = x * x\n", "was written again"),
    ],
)
def test_where_there_is_no_answer_the_reason_is_said(lines: str, reason: str) -> None:
    head = "import torch\nx = torch.tensor(3.0, requires_grad=True)\n"
    with pytest.raises(ValueError, match=reason) as error:
        moved(head + lines + "y.backward()\n", Aim("x", (), 0.25))
    assert "\n" not in str(error.value)


def test_what_was_computed_before_is_not_moved_along() -> None:
    source = """\
import torch
x = torch.tensor(3.0, requires_grad=True)
u = x.detach() * 1
y = x * u
y.backward()
"""
    assert moved(source, Aim("x", (), 0.25)).quotient == 3


def test_a_kink_is_not_called_curvature_alone() -> None:
    source = (
        "import torch\nx = torch.tensor(-0.1, requires_grad=True)\ny = x.relu()\ny.backward()\n"
    )
    assert "a kink, a hook or a cut" in said(moved(source, Aim("x", (), 1.0)))


def test_epsilon_is_a_hundredth_in_one_digit() -> None:
    assert [step_of(one) for one in (3.0, -0.5, 0.0, 271.8, 1e-6)] == [0.03, 0.005, 0.01, 3, 1e-8]


def test_what_is_no_leaf_with_a_name_is_refused() -> None:
    found = passed(run(EXAMPLE))
    x = leaf(found, "x")
    assert aim_at(x, None) == Aim("x", (0, 0), 0.01)
    assert aim_at(x, Aim("x", (1, 1), 0.5)) == Aim("x", (1, 1), 0.5)
    assert aim_at(x, Aim("w", (1, 1), 0.5)).element == (0, 0)
    assert nudged(Aim("x", (0, 1), 0.1), 0.1 + 0.2, found, x).words == "nudged: x[0, 1] + 0.3"
    for node in (None, found.backward.graph.nodes[0]):
        with pytest.raises(ValueError, match="nudge a leaf"):
            aim_at(node, None)
