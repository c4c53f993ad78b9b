"""What a script puts in place of Python's own functions, as one that freezes time, is its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.script.passes.unseen_passes import LEFT
from tests.forks.forks import RecordForked

REPLACED = """\
import json, time
import torch
def no(*_, **__):
    raise RuntimeError("no")
time.time = time.monotonic = time.perf_counter = time.sleep = no
json.dumps = json.loads = no
w = torch.ones(2, requires_grad=True)
for i in range(5):
    loss = (w * i).sum()
    loss.backward()
print(w.grad.tolist())
"""


def test_it_is_recorded_without_them(tmp_path: Path, record_forked: RecordForked) -> None:
    (tmp_path / "script.py").write_text(REPLACED)
    recording = record_forked(tmp_path / "script.py")
    assert recording.output == "[10.0, 10.0]\n"
    assert recording.ending == "end"
    assert recording.notes == ()
    assert [one.number for one in recording.passes.deep] == [0, 1, 2, 4]


NEEDED = """\
import builtins, sys
import torch
def train(passes):
    for i in range(passes):
        w = torch.ones(3, requires_grad=True)
        (w * i).sum().backward()
        sys.stdout.write("%s\\n" % w.grad.sum().item())
def no(*_):
    sys.stdout.write("asked\\n")
    raise RuntimeError("no")
train(4)
"""


@pytest.mark.parametrize(
    ("replace", "printed"),
    [
        ("del builtins.getattr", ["0.0", "3.0"]),
        ("builtins.map = builtins.next = no", ["0.0", "3.0"]),
        ("del builtins.set\nsys.exit(3)", []),
    ],
)
def test_a_script_that_replaces_what_python_needs_runs_as_without_us(
    tmp_path: Path, record_forked: RecordForked, replace: str, printed: list[str]
) -> None:
    (tmp_path / "script.py").write_text(f"{NEEDED}{replace}\ntrain(2)\n")
    recording = record_forked(tmp_path / "script.py")
    assert recording.output.splitlines()[4:] == printed
    assert recording.passes.count == 4
    assert recording.notes == (LEFT,)
    assert str(recording.error) == ("None" if printed else "SystemExit: 3")


def test_what_torch_replaces_for_a_while_works_as_ever(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    text = f"{NEEDED}builtins.max = __import__('functools').partial(torch.sym_max)\ntrain(2)\n"
    (tmp_path / "script.py").write_text(text)
    recording = record_forked(tmp_path / "script.py")
    assert (recording.passes.count, recording.notes) == (6, ())


def test_what_a_script_prints_and_opens_by_is_its_own(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    text = f"{NEEDED}builtins.print = builtins.open = no\ntrain(2)\ndel builtins.print\ntrain(2)\n"
    (tmp_path / "script.py").write_text(text)
    recording = record_forked(tmp_path / "script.py")
    assert "asked" not in recording.output
    assert (recording.passes.count, recording.notes) == (8, ())
