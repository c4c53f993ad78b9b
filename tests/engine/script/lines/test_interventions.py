"""What follows from another gradient, or another element of a leaf, against the mathematics."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import pytest

from engine.autograd.graph import NodeGradient
from engine.lessons import find
from engine.recording.pass_plan import EVERYTHING
from engine.recording.records import Recording
from engine.script.interventions import Change, Intervention, Nudge, change_of
from engine.script.recorder import record, record_source
from tests.engine.script.scripts import last, numbers, view
from tests.forks.forks import RecordForked

SQUARE = """\
import torch
x = torch.tensor(3.0, requires_grad=True)
y = x * x
y.backward()
z = x.grad * 2
"""


def ran(source: str, change: Change | None = None) -> Recording:
    return record_source(source, "script", change=change)


def gradient(recording: Recording, op: str, backward: int = 0) -> NodeGradient:
    graph = recording.backwards[backward].graph
    found = recording.backwards[backward].gradients
    return next(one for one in found if graph.nodes[one.node].op.startswith(op))


def leaf_grad(recording: Recording, name: str, line: int) -> list[float] | None:
    return numbers(view(last(recording, line), name).grad)


@pytest.mark.parametrize(
    ("kind", "given", "grad"),
    [("scale", (2.0,), 12.0), ("zero", (), 0.0), ("replace", (-0.5,), -3.0)],
)
def test_of_x_squared_the_gradient_is_2x_times_what_comes_in(
    kind: str, given: tuple[float, ...], grad: float
) -> None:
    change = Intervention(0, 0, kind, given)  # type: ignore[arg-type]
    run = ran(SQUARE, change)
    assert leaf_grad(run, "x", 4) == [grad]
    assert numbers(view(last(run, 5), "z").value) == [2 * grad]
    assert run.ending == "end"


def test_at_a_leaf_it_is_what_is_added_to_grad() -> None:
    run = ran(SQUARE, Intervention(0, 1, "replace", (7.0,)))
    assert numbers(gradient(run, "Mul").incoming[0]) == [1.0]
    assert numbers(gradient(run, "AccumulateGrad").incoming[0]) == [7.0]
    assert leaf_grad(run, "x", 4) == [7.0]


def test_of_the_worked_example_a_mask_of_one_element_is_its_derivative_alone() -> None:
    lesson = find("backward")
    assert lesson is not None
    plain = record(lesson.path)
    node = gradient(plain, "Pow").node
    masked = record(lesson.path, change=Intervention(0, node, "replace", (0.75, 0, 0, 0)))
    power = gradient(masked, "Pow")
    assert numbers(power.incoming[0]) == [0.75, 0, 0, 0]
    assert numbers(power.outgoing[0]) == [0.75 * 2 * 2, 0, 0, 0], "0.75 · 2 · (x + 2)"
    line = masked.moments[-1].line
    assert leaf_grad(plain, "x", 14) == [3.0, 4.5, 6.0, 7.5]
    assert leaf_grad(masked, "x", 14) == [3.0, 0, 0, 0]
    assert leaf_grad(masked, "x", line) == leaf_grad(plain, "x", line), "zeroed, then as ever"


def test_in_linear_regression_half_the_gradient_moves_w_half_as_far() -> None:
    lesson = find("linear_regression")
    assert lesson is not None
    plain = record(lesson.path)
    half = record(lesson.path, change=Intervention(1, 0, "scale", (0.5,)))
    assert leaf_grad(half, "w", 22) != leaf_grad(plain, "w", 22)
    for line, name in ((25, "w"), (26, "b")):
        steps = []
        for run in (plain, half):
            values = [
                view(moment, name).value.numbers[0] for moment in run.moments if moment.line == line
            ]
            steps.append([float(b.real - a.real) for a, b in pairwise(values)])
        assert steps[1][0] == pytest.approx(steps[0][0] / 2, rel=1e-4)


def test_only_the_pass_that_is_meant_is_changed() -> None:
    source = SQUARE + "x.grad = None\ny = x * x\ny.backward()\nw = x.grad\n"
    first, second = ran(source, Intervention(0, 0, "zero")), ran(source, Intervention(1, 0, "zero"))
    assert (leaf_grad(first, "x", 4), leaf_grad(first, "x", 8)) == ([0.0], [6.0])
    assert (leaf_grad(second, "x", 4), leaf_grad(second, "x", 8)) == ([6.0], [0.0])
    assert ran(source, Intervention(2, 0, "zero")).backwards[1].gradients


def test_a_pass_in_a_pass_is_not_taken_for_it() -> None:
    source = """\
import torch
def inner(gradient):
    t = torch.tensor(1.0, requires_grad=True)
    with torch.enable_grad():
        (t * 5).backward()
    return gradient * t.grad
x = torch.tensor(3.0, requires_grad=True)
y = x * x
y.register_hook(inner)
y.backward()
z = 1
"""
    assert leaf_grad(ran(source), "x", 11) == [30.0]
    assert leaf_grad(ran(source, Intervention(0, 0, "scale", (2.0,))), "x", 11) == [60.0]


def test_a_node_that_is_not_there_changes_nothing_and_is_noted() -> None:
    run = ran(SQUARE, Intervention(0, 9, "zero"))
    assert leaf_grad(run, "x", 4) == [6.0]
    assert "no such node" in run.notes[0]


def test_numbers_of_another_shape_change_nothing_and_are_noted() -> None:
    run = ran(SQUARE, Intervention(0, 0, "replace", (1.0, 2.0)))
    assert leaf_grad(run, "x", 4) == [6.0]
    assert "nothing was changed" in run.notes[0]


def test_a_nudged_leaf_is_another_number_before_it_is_used() -> None:
    run = ran(SQUARE, Nudge(0, "x", None, 3, (), 0.25))
    assert numbers(view(last(run, 2), "x").value) == [3.0]
    assert numbers(view(last(run, 3), "y").value) == [3.25**2]
    assert leaf_grad(run, "x", 4) == [6.5]
    assert view(last(run, 3), "x").version == 0
    assert last(run, 3).changed == ("y",)
    assert not any(moment.silent for moment in run.moments)


def test_a_nudge_of_a_later_pass_leaves_the_ones_before_alone() -> None:
    source = """\
import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
def loss():
    return (w ** 2).sum()
for i in range(3):
    l = loss()
    l.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        w.grad = None
"""
    plain, nudged = ran(source), ran(source, Nudge(1, "w", None, 4, (1,), 0.5))
    losses = [
        [numbers(view(m, "l").value) for m in run.moments if m.line == 6] for run in (plain, nudged)
    ]
    assert losses[0][0] == losses[1][0]
    w = 2 * 0.8
    moved = losses[1][1][0] - losses[0][1][0]  # type: ignore[index]
    assert moved == pytest.approx((w + 0.5) ** 2 - w**2, rel=1e-6)


def test_a_leaf_that_is_not_there_is_left_alone() -> None:
    assert leaf_grad(ran(SQUARE, Nudge(0, "q", None, 3, (), 0.25)), "x", 4) == [6.0]
    run = ran(SQUARE, Nudge(0, "x", None, 3, (4,), 0.25))
    assert leaf_grad(run, "x", 4) == [6.0]
    assert "line 3 could not be looked at: IndexError" in run.notes[0]


def test_the_process_of_a_script_is_given_the_change_as_plain_data(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    """That of a leaf is given in the same way: see a line of another file, below."""
    path = tmp_path / "s.py"
    path.write_text(SQUARE)
    gradient, leaf = Intervention(0, 0, "replace", (4.0,)), Nudge(0, "x", None, 3, (), 1.0)
    assert change_of(asdict(gradient)) == gradient
    assert change_of(asdict(leaf)) == leaf
    there = record_forked(path, plan=EVERYTHING, change=gradient)
    here = record(path, change=gradient)
    assert leaf_grad(there, "x", 4) == leaf_grad(here, "x", 4) != [6.0]
    assert change_of(None) is None


def test_what_is_no_change_is_refused() -> None:
    strange: list[dict[str, object]] = [{"kind": "scale"}, {"name": "x"}, {"element": []}]
    for plain in strange:
        with pytest.raises((TypeError, KeyError)):
            change_of(plain)


def test_a_line_of_another_file_is_not_mistaken_for_the_scripts_own(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    (tmp_path / "net.py").write_text("\n\ndef f(x):\n    return x * x\n")
    path = tmp_path / "s.py"
    path.write_text(
        "import torch, net\n"
        "x = torch.tensor(3.0, requires_grad=True)\n"
        "\n"
        "kept = x.detach() * 1\n"
        "y = net.f(x)\n"
        "y.backward()\n"
    )
    run = record_forked(path, plan=EVERYTHING, change=Nudge(0, "x", "net.py", 4, (), 1.0))
    assert numbers(view(last(run, 5), "kept").value) == [3.0]
    assert numbers(view(last(run, 5), "y").value) == [16.0]
