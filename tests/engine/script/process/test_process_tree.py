"""Whatever a recorded script has started ends with it, and with the recorder, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.forks.forks import RecordForked

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="adopts orphans")

FAMILY = """\
import os, subprocess, sys, time
def note(pid):
    print(pid, file=open(sys.argv[1], "a"))
note(os.getpid())
note(subprocess.Popen(["sleep", "600"]).pid)
note(subprocess.Popen(["sleep", "600"], start_new_session=True).pid)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        note(os.getpid())
        os.execvp("sleep", ["sleep", "600"])
    os._exit(0)
os.wait()
note(subprocess.Popen(["sh", "-c", "sleep 600 & echo $! >> $0; wait", sys.argv[1]]).pid)
while len(open(sys.argv[1]).readlines()) < 6: time.sleep(0.01)
"""
"""A script, its child, one with a session of its own, a daemon, and a shell with its own child."""
MEMBERS = 6
RECORDER = """
import sys
from pathlib import Path
from engine.script.process.subprocess_recorder import record_isolated
from engine.script.process.script_process import ScriptProcess
waiting = ScriptProcess()
waiting.prepare()
Path(sys.argv[2] + ".waiting").write_text(str(waiting.process.pid))
record_isolated(Path(sys.argv[1]), arguments=[sys.argv[2]])
"""
"""It also has a process that waits for the next script."""


def running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def noted(path: Path) -> list[int]:
    """The six processes, as far as they are there."""
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def test_nothing_outlives_a_script_that_ends_and_its_exit_code_is_its_own(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    path, notes = tmp_path / "script.py", tmp_path / "notes"
    path.write_text(f"{FAMILY}import ctypes; ctypes.CDLL(None)._exit(7)\n")
    recording = record_forked(path, arguments=[str(notes)])
    assert recording.error is not None
    assert "ProcessEnded: the process ended with exit code 7" in str(recording.error)
    assert recording.error.line == FAMILY.count("\n") + 1
    assert len(noted(notes)) == MEMBERS
    assert not any(map(running, noted(notes)))


def test_nor_a_recorder_that_is_killed_which_leaves_no_file_either(tmp_path: Path) -> None:
    path, notes, temporary = tmp_path / "script.py", tmp_path / "notes", tmp_path / "temporary"
    temporary.mkdir()
    path.write_text(f"{FAMILY}time.sleep(600)\n")
    recorder = subprocess.Popen(
        [sys.executable, "-c", RECORDER, str(path), str(notes)],
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    until(lambda: len(noted(notes)) == MEMBERS)
    waiting = int((tmp_path / "notes.waiting").read_text())
    assert len(list(temporary.iterdir())) == 2
    assert running(waiting)
    recorder.send_signal(signal.SIGKILL)
    recorder.wait()
    until(lambda: not any(map(running, [*noted(notes), waiting])))
    until(lambda: not list(temporary.iterdir()))
