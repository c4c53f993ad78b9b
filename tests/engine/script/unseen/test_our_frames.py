"""Frames that are there because a script is recorded are in no traceback that it prints."""

from __future__ import annotations

import re
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from engine.script.recorder import record_source
from engine.script.unseen.our_frames import hide_in
from tests.forks.forks import RecordForked

REFUSED = """\
import torch
def refused():
    try:
        torch.ones(2) @ torch.ones(3)
    except RuntimeError as error:
        return error
first, second = refused(), refused()
"""


def functions(error: BaseException) -> list[str]:
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_nor_in_those_of_the_exceptions_in_a_group(depth: int) -> None:
    variables: dict[str, Any] = {}
    record_source(REFUSED, "script", variables)
    errors = variables["first"], variables["second"]
    group: BaseException = errors[0]
    for _ in range(depth):
        group = ExceptionGroup("several", [group, errors[1]])
    hide_in(group)
    for error in errors[: depth + 1]:
        assert functions(error) == ["refused"]


AGAIN = """\
import sys, threading
import torch
def backward_twice():
    loss = (torch.ones(2, requires_grad=True) ** 2).sum()
    loss.backward()
    loss.backward()
"""
SHOWN = """
import traceback, weakref
class Ends:
    def __del__(self):
        backward_twice()
Ends()
finalizer = weakref.finalize(Ends, backward_twice)
finalizer.atexit = False
thread = threading.Thread(target=backward_twice, name="trains")
thread.start()
thread.join()
try:
    backward_twice()
except RuntimeError:
    traceback.print_exc()
"""
OWN_HOOKS = """
def show(what):
    trace = what.exc_traceback
    while trace is not None:
        print(trace.tb_frame.f_code.co_name, trace.tb_lineno)
        trace = trace.tb_next
sys.unraisablehook = threading.excepthook = show
class Ends:
    def __del__(self):
        backward_twice()
for i in range(2):
    Ends()
thread = threading.Thread(target=backward_twice)
thread.start()
thread.join()
"""


@pytest.mark.parametrize("source", [SHOWN, OWN_HOOKS])
def test_what_nobody_catches_is_printed_as_without_us(
    tmp_path: Path, record_forked: RecordForked, source: str
) -> None:
    path = tmp_path / "script.py"
    path.write_text(AGAIN + source)
    plain = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    recording = record_forked(path)
    assert without_addresses(recording.output) == without_addresses(plain.stdout + plain.stderr)
    assert "_engine_run_backward" in recording.output


def without_addresses(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x", text)


def test_pytest_shows_none_in_a_script_that_runs_it(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    path = tmp_path / "script.py"
    path.write_text(
        f"{AGAIN}def test(): backward_twice()\nimport pytest\n"
        "pytest.main([__file__, '-q', '-p', 'no:cacheprovider', '-p', 'no:xdist'])\n"
    )
    recording = record_forked(path)
    assert "_engine_run_backward" in recording.output
    assert "engine/script" not in recording.output


def test_an_error_of_ours_on_the_way_is_no_cause_of_the_scripts_own() -> None:
    ours, own = RecursionError("of ours"), RecursionError("of the script")
    ours.__traceback__ = trace_of(hide_in)
    own.__context__ = ours
    ours.__context__ = before = RecursionError("before")
    hide_in(own)
    assert own.__context__ is before


def trace_of(function: Callable[[Any], object]) -> TracebackType | None:
    """The traceback of an error that was raised in a function of ours."""
    try:
        function("no error")
    except AttributeError as error:
        return error.__traceback__ and error.__traceback__.tb_next
    return None
