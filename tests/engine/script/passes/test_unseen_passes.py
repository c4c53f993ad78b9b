"""Of passes that run where none is recorded it is said, once, and they run as ever."""

from __future__ import annotations

import pytest

from engine.recording.journal import Journal
from engine.script.passes.unseen_passes import AFTER, IN_CHILDREN, IN_FORKS, PUT_BACK, UnseenPasses
from engine.script.process.last_words import REPLACED
from tests.forks.forks import RecordText

HEAD = """\
import atexit, importlib, os, sys
import torch
w = torch.ones(2, requires_grad=True)
def train(passes):
    for _ in range(passes):
        (w * 3).sum().backward()
    print(w.grad.tolist(), flush=True)
"""
SAVED = """
real = torch.autograd.graph._engine_run_backward
train(1)
torch.autograd._engine_run_backward = real
"""
ANEW = """
importlib.reload(torch.autograd.graph)
torch.autograd._engine_run_backward = torch.autograd.graph._engine_run_backward
"""
FORK = """
if not os.fork():
    train(2)
    os._exit(0)
os.wait()
"""
EXEC = """
try:
    os.execv("/no/such/program", ["program"])
except OSError:
    train(2)
{}
"""


@pytest.fixture
def recorded(record_text: RecordText) -> RecordText:
    return lambda source: record_text(HEAD + source)


def test_what_a_script_takes_from_torch_itself_is_seen_as_well(recorded: RecordText) -> None:
    recording = recorded(f"{SAVED}train(2)\n")
    assert recording.output == "[3.0, 3.0]\n[9.0, 9.0]\n"
    assert (recording.passes.count, recording.notes) == (3, ())


@pytest.mark.parametrize(
    ("source", "passes", "note"),
    [
        ("atexit.register(train, 2)\ntrain(1)\n", 1, AFTER),
        (f"train(1)\n{FORK}", 1, IN_FORKS),
        (f"train(1)\n{ANEW}train(2)\n", 1, PUT_BACK),
        (EXEC.format("os.execv(sys.executable, [sys.executable, '-c', 'pass'])"), 2, REPLACED),
    ],
    ids=["exit handler", "fork", "put back", "exec"],
)
def test_those_that_are_not_recorded_are_noted(
    recorded: RecordText, source: str, passes: int, note: str
) -> None:
    recording = recorded(source)
    assert recording.error is None
    assert (recording.passes.count, recording.notes) == (passes, (note,))


@pytest.mark.parametrize("source", ["train(2)\n", f"{FORK.replace('2', '0')}", EXEC.format("")])
def test_nothing_is_noted_where_all_are(recorded: RecordText, source: str) -> None:
    assert recorded(source).notes == ()


@pytest.mark.parametrize(
    ("passes", "seconds", "notes"), [(0, 2.0, [IN_CHILDREN]), (0, 0.1, []), (3, 2.0, [])]
)
def test_a_script_that_trains_in_others_alone_is_told_so(
    passes: int, seconds: float, notes: list[str]
) -> None:
    journal, used = Journal("script", ""), iter((1.0, 1.0 + seconds))
    unseen = UnseenPasses(journal, lambda: next(used))
    unseen.flush(passes=passes)
    unseen.flush(passes=passes, last=True)
    assert journal.notes == notes
