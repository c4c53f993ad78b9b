"""What a script puts in place of Python's own functions, as one that freezes time, is its own."""

from __future__ import annotations

from pathlib import Path

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
