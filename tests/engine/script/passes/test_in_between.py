"""What ran where no lines are recorded is blamed on no line, and costs no numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.forks.forks import RecordForked

SILENT = """\
import torch
w = torch.ones(2, requires_grad=True)
v = torch.ones(2, requires_grad=True)
for i in range(9):
    (w * i).sum().backward()
    (v * i).sum().backward()
    w.data -= 0.1 * w.grad
    v.data -= 0.1 * v.grad
x = w * 1
"""
BATCHED = """\
import torch
w = torch.ones(3, requires_grad=True)
for i in range(3):
    (w * i).sum().backward()
    torch.autograd.grad(w * i, w, torch.eye(3), is_grads_batched=True)
    torch.autograd.functional.jacobian(lambda t: t * 2, torch.ones(3), vectorize=True)
"""
FUSED = """\
import torch
w = torch.ones(2, requires_grad=True)
opt = torch.optim.{name}([w], lr=0.1, fused=True)
for i in range(4):
    (w * i).sum().backward()
    opt.step()
    opt.zero_grad()
"""


def test_a_silent_write_of_a_pass_without_lines_is_no_later_lines(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    (tmp_path / "script.py").write_text(SILENT)
    recording = record_forked(tmp_path / "script.py")
    silent = {(one.name, one.line) for m in recording.moments for one in m.silent}
    assert silent == {("w", 7), ("v", 8)}
    assert recording.passes.count == 18


def test_gradients_of_many_directions_leave_the_norms_of_the_others(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    (tmp_path / "script.py").write_text(BATCHED)
    recording = record_forked(tmp_path / "script.py")
    assert recording.notes == ()
    norms = recording.passes.norms("w")
    gradients = dict(zip(norms.numbers, norms.gradient, strict=True))
    assert [gradients[number] for number in (0, 3, 6)] == pytest.approx([0, 3**0.5, 3 * 3**0.5])


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_step_of_torchs_own_that_autograd_does_not_count_is_no_mistake(
    tmp_path: Path, record_forked: RecordForked, name: str
) -> None:
    (tmp_path / "script.py").write_text(FUSED.format(name=name))
    recording = record_forked(tmp_path / "script.py")
    assert [one for m in recording.moments for one in m.silent] == []
