"""Passes between windows cost little more than their scalars, and miss none of them."""

from __future__ import annotations

import sys
from ast import literal_eval
from pathlib import Path

import pytest
import torch

from engine.recording.pass_plan import Plan, condition
from engine.recording.records import Recording
from engine.script.passes.number_memory import number_at
from engine.script.passes.quick_passes import QuickPasses
from tests.forks.forks import RecordForked

TRAINING = """\
import torch
w = torch.ones(2, requires_grad=True)
v = torch.ones(2, requires_grad=True)
def losses():
    return (w * w).sum(), (v * v).sum() * 10
for epoch in range(9):
    for i in range(6):
        first, second = losses()
        {pass_}
        with torch.no_grad():
            w -= 0.1 * w.grad
            w.grad = None
"""
IN_FUNCTIONS = """\
import torch
w = torch.ones(2, requires_grad=True)
def step(loss):
    loss.backward()
def train(epochs):
    for epoch in range(epochs):
        for i in range(3):
            step((w * w).sum())
            with torch.no_grad():
                w.mul_(0.99)
            w.grad = None
for rate in (0.01, 0.02):
    train(20)
"""
SINGLE = """\
import torch
w = torch.ones(1, requires_grad=True)
v = torch.ones((), dtype=torch.float64, requires_grad=True)
left = []
for i in range(70):
    ((w + v) ** 2 * i).sum().backward()
    left.append((w.item(), w.grad.item(), v.item(), v.grad.item()))
    with torch.no_grad():
        w *= 0.75
        v -= 0.125
    if i < 30 or i % 7 == 0:
        w.grad.zero_()
    elif i < 50:
        w.grad = v.grad = None
    if i in (20, 21, 40):
        w.data = w.data.clone()
    if i in (25, 45):
        w.data, w.grad = w.data.double(), None
print(left)
"""
ONE = "first.backward()"
TWO_LINES = "first.backward()\n        second.backward()"
BY_GRAD = "(w.grad,) = torch.autograd.grad(first, [w])"
RAISING = (
    "try:\n"
    "            (first if i != 3 else first.detach()).backward()\n"
    "        except RuntimeError:\n"
    "            first.backward()"
)


@pytest.fixture
def recorded(tmp_path: Path, record_forked: RecordForked) -> RecordForked:
    """Records the training with a pass of its own."""
    path = tmp_path / "train.py"

    def record(pass_: str, plan: Plan | None = None) -> Recording:
        path.write_text(TRAINING.format(pass_=pass_))
        recording = record_forked(path, plan=plan or Plan())
        assert recording.ending == "end", recording.error
        return recording

    return record


@pytest.mark.parametrize("pass_", [ONE, BY_GRAD])
def test_every_pass_has_its_loss_and_norms_and_what_is_asked_for_is_deep(
    recorded: RecordForked, pass_: str
) -> None:
    passes = recorded(pass_, Plan(when=(condition("pass=37"),))).passes
    assert list(passes.losses) == pytest.approx([2 * 0.8 ** (2 * n) for n in range(54)])
    for n in range(54):
        assert passes.variables(n) == {"epoch": n // 6, "i": n % 6}
    norms = passes.norms("w")
    assert list(norms.numbers) == list(range(54))
    assert list(norms.gradient) == pytest.approx([2 * 2**0.5 * 0.8**n for n in range(54)])
    assert [one.number for one in passes.deep] == [0, 1, 2, 10, 37, 53]


def test_a_loop_in_functions_is_as_one_in_the_script(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    path = tmp_path / "train.py"
    path.write_text(IN_FUNCTIONS)
    recording = record_forked(path)
    passes = recording.passes
    assert recording.ending == "end" and passes.count == 120
    losses = [2 * 0.99 ** (2 * n) for n in range(120)]
    assert list(passes.losses) == pytest.approx(losses, rel=1e-4)
    for n in range(120):
        rate = (0.01, 0.02)[n // 60]
        assert passes.variables(n) == {"rate": rate, "epoch": n % 60 // 3, "i": n % 3}
    assert list(passes.norms("w").numbers) == list(range(120))


def test_single_numbers_are_read_wherever_they_are(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    path = tmp_path / "train.py"
    path.write_text(SINGLE)
    recording = record_forked(path)
    assert recording.ending == "end", recording.error
    left = literal_eval(recording.moments[-1].output or recording.trailing_output)
    w, v = (recording.passes.norms(leaf) for leaf in "wv")
    assert list(w.numbers) == list(v.numbers) == list(range(70))
    numbers = zip(w.value, w.gradient, v.value, v.gradient, strict=True)
    assert [*numbers] == [pytest.approx(row) for row in left]


def test_a_number_is_read_at_its_address_while_its_memory_is_held() -> None:
    one = torch.tensor([0.5])
    address, number = number_at(one)
    assert (address, number.value) == (one.data_ptr(), 0.5)
    one += 1
    assert number.value == 1.5
    del one
    assert number.value == 1.5 and torch.tensor([2.0]).data_ptr() != address
    others = (
        None,
        torch.ones(2),
        torch.ones(1).half(),
        torch.ones(1, device="meta"),
        torch.ones(1).to_sparse(),
        torch.ones(5_000)[:1],  # all of which would be held
        torch._neg_view(torch.ones(1)),
    )
    assert {number_at(other) for other in others} == {(-1, None)}


def test_a_pass_that_fails_is_one_too(recorded: RecordForked) -> None:
    passes = recorded(RAISING).passes
    expected = [2 * 0.8 ** (2 * n) for n in range(54) for _ in range(1 + (n % 6 == 3))]
    assert list(passes.losses) == pytest.approx(expected)


def test_two_passes_in_turn_are_told_apart(recorded: RecordForked) -> None:
    passes = recorded(TWO_LINES).passes
    losses = list(passes.losses)
    assert losses[::2] == pytest.approx([2 * 0.8 ** (2 * n) for n in range(54)])
    assert losses[1::2] == [20.0] * 54
    assert passes.leaves == ("w", "v")


def test_a_pass_is_quick_where_the_same_instruction_runs_it() -> None:
    quick = QuickPasses(None)

    def run(number: int, *, seen: bool) -> bool:
        def look() -> None:
            quick.allow(sys._getframe(2))
            quick.until = 10

        found = quick.frame() if number < quick.until else None
        if seen:
            look()
        return found is not None

    def loop(numbers: list[int]) -> list[bool]:
        return [run(number, seen=number == 0) for number in numbers]

    assert loop([0, 1, 9, 10, 2]) == [False, True, True, False, True]
    assert not run(3, seen=False)
