"""What `torch.compile` has made runs as without us, and is shown as what ran."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.autograd.graph import Graph
from engine.recording.pass_plan import Plan, condition
from engine.recording.records import Recording
from tests.forks.forks import RecordForked

SCRIPT = """\
import warnings
import torch
warnings.filterwarnings("error", "Dynamo does not know")
w = torch.ones(3, requires_grad=True)
def clip(v):
    torch._dynamo.graph_break()
    return v.clamp(-5, 5)
@torch.compile(backend="aot_eager")
def model(x):
    return clip(x * w).sum()
@torch.compile(backend="eager")
def whole_step(x):
    loss = model(x) + w.sum()
    loss.backward()
    return loss
for i in range(6):
    model(torch.ones(3)).backward()
    loss = whole_step(torch.ones(3) * i)
    if i == 5:
        w.grad = None
frames = torch._dynamo.utils.counters["frames"]
seen = [str(code().co_filename) for code in torch._dynamo.convert_frame.input_codes.seen]
print(len(seen) > 2, [file for file in seen if "/engine/" in file])
print(frames["total"] == frames["ok"], torch._dynamo.utils.counters["graph_break"].total() > 0)
"""


@pytest.fixture
def compiled(tmp_path: Path, record_forked: RecordForked) -> Recording:
    (tmp_path / "script.py").write_text(SCRIPT)
    recording = record_forked(tmp_path / "script.py", plan=Plan(when=(condition("pass=7"),)))
    assert recording.ending == "end", recording.error
    return recording


def lines(graph: Graph) -> set[int | None]:
    """The lines that are said to have made its operations."""
    return {node.line for node in graph.nodes if node.op != "AccumulateGrad"}


def test_compiled_code_sees_none_of_us_and_is_shown_as_it_runs(compiled: Recording) -> None:
    recording = compiled
    assert recording.moments[-1].output.endswith("True True\n")
    assert recording.moments[-2].output == "True []\n"
    assert recording.passes.count == 12
    first, second = recording.backwards[:2]
    compiled_part = {"CompiledFunctionBackward", "AccumulateGrad"}
    assert {node.op for node in first.graph.nodes} == compiled_part
    assert {node.op for node in second.graph.nodes} > compiled_part
    assert lines(first.graph) == {17}
    assert lines(second.graph) == {18}
    assert {moment.line for moment in recording.moments if moment.number == 1} >= {18, 19}
