from __future__ import annotations

import os
import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from engine.autograd.graph import Backward
from engine.lessons import LESSONS
from engine.recording.pass_plan import EVERYTHING, Plan
from engine.script.frames.source_file import SourceError
from engine.script.process.child import Popen, ScriptCall
from engine.script.process.script_process import ScriptProcess
from engine.script.process.subprocess_recorder import BegunScript, record_isolated
from engine.script.recorder import record
from engine.script.unseen.captured_output import OUTPUT_LIMIT
from tests.engine.script.scripts import lines
from tests.forks.forks import Forks, RecordForked

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills process groups")


def script(folder: Path, source: str) -> Path:
    path = folder / "script.py"
    path.write_text(source)
    return path


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(process: int) -> None:
    deadline = time.monotonic() + 20
    while is_running(process):
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def timeless(backward: Backward) -> str:
    return re.sub(r"\bseconds=[^,)]+", "seconds", repr(backward))


def test_the_same_recording_as_in_process(tmp_path: Path) -> None:
    source = "".join(
        lesson.path.read_text() + "\n"
        for lesson in LESSONS
        if lesson.key in ("requires_grad", "backward", "silent_write", "lost_leaf")
    )
    path = script(tmp_path, source + "import sys\nprint(sys.argv[1:])\n1 / 0\n")
    here = record(path, arguments=["a", "b"])
    there = record_isolated(path, arguments=["a", "b"], plan=EVERYTHING)
    assert [replace(moment, output="") for moment in here.moments] == [
        replace(moment, output="") for moment in there.moments
    ]
    assert list(map(repr, here.graphs)) == list(map(repr, there.graphs))
    assert list(map(timeless, here.backwards)) == list(map(timeless, there.backwards))
    assert (here.ending, here.error, here.source) == (there.ending, there.error, there.source)
    assert any(write.harmful for moment in there.moments for write in moment.silent)
    assert there.moments[-2].output == "['a', 'b']\n"


@pytest.mark.parametrize(
    ("death", "ending", "error"),
    [
        ("os._exit(0)", "exit", None),
        ("os._exit(3)", "exit", "SystemExit: 3"),
        (
            "import ctypes; ctypes.string_at(0)",
            "error",
            "SIGSEGV: the process was killed by signal 11",
        ),
    ],
)
def test_a_script_that_ends_its_process_keeps_its_lines(
    tmp_path: Path, record_forked: RecordForked, death: str, ending: str, error: str | None
) -> None:
    path = script(tmp_path, f"import os\nprint('before')\n{death}\nx = 1\n")
    recording = record_forked(path)
    assert lines(recording) == [1, 2]
    assert recording.output == "before\n"
    assert recording.ending == ending
    assert (str(recording.error) if recording.error else None) == error
    assert recording.error is None or recording.error.line == 3


def test_descriptors_threads_and_children_are_cut_off(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = """\
import os, subprocess, sys, threading, time
os.write(1, b"\\x1b[2Jraw ")
os.system("echo from a child")
sys.__stderr__.write("past sys.stderr "); sys.__stderr__.flush()
print(sys.stdin.read(), os.read(0, 9))
sleeper = subprocess.Popen(["sleep", "600"])
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
if child := os.fork(): os.waitpid(child, 0)
print(sleeper.pid)
"""
    recording = record_isolated(script(tmp_path, source))
    assert recording.ending == "end"
    assert lines(recording) == list(range(1, 10))
    raw, number = "\x1b[2Jraw from a child\npast sys.stderr ", recording.moments[-1].output
    assert recording.trailing_output == raw + number  # which the fork has printed as well
    assert recording.moments[4].output == " b''\n"
    wait_until_gone(int(number))
    assert capfd.readouterr() == ("", "")


ENDLESS = (
    "import re, os\nopen('started', 'w').write(str(os.getpid()))\nre.match('(a+)+b', 'a' * 99)\n"
)


def test_what_never_ends_in_c_code_is_killed_when_cancelled(
    tmp_path: Path, record_forked: RecordForked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    started = tmp_path / "started"
    recording = record_forked(
        script(tmp_path, ENDLESS), cancelled=lambda: started.exists() and started.read_text() != ""
    )
    assert (recording.ending, recording.error) == ("cancelled", None)
    assert lines(recording)[0] == 1
    wait_until_gone(int(started.read_text()))


def test_or_when_its_time_is_over(
    tmp_path: Path, record_forked: RecordForked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recording = record_forked(script(tmp_path, ENDLESS), plan=Plan(seconds=0.5))
    assert (recording.ending, recording.error) == ("time", None)


def test_a_script_whose_time_is_over_before_it_has_begun_is_known(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    recording = record_forked(script(tmp_path, ENDLESS), plan=Plan(seconds=0.0))
    assert (recording.ending, recording.error) == ("time", None)
    assert (recording.name, recording.source) == ("script.py", ENDLESS)


def test_megabytes_past_stdout_and_the_bound(tmp_path: Path, record_forked: RecordForked) -> None:
    path = script(tmp_path, "import os\nwhile True:\n    os.write(2, b'x' * 100_000)\n")
    recording = record_forked(path, plan=Plan(limit=100))
    assert recording.ending == "bound"
    assert len(recording.moments) == 100
    assert len(recording.trailing_output) == OUTPUT_LIMIT


def test_a_script_that_writes_into_the_channel_ends_only_its_own_recording(
    tmp_path: Path, record_forked: RecordForked
) -> None:
    source = """\
import os
import re
for channel in range(3, 20):
    try: os.write(channel, b"\\x05" * 100)
    except OSError: pass
x = 1
"""
    recording = record_forked(script(tmp_path, source), plan=Plan(seconds=60))
    assert recording.moments


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        record_isolated(tmp_path)


def test_what_keeps_us_from_recording_is_not_said_to_be_the_scripts(tmp_path: Path) -> None:
    """As where a file of the project is called like torch."""
    (tmp_path / "torch.py").write_text("raise ImportError('no library')\n")
    recording = record_isolated(script(tmp_path, "x = 1\n"))
    why = "torch.py, beside the script, hides torch itself: give it another name"
    assert str(recording.error) == f"ImportError: {why}"
    assert (recording.ending, len(recording.moments)) == ("error", 0)


ASLEEP = "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)\n"


def test_a_script_runs_from_the_first_and_is_ended_where_nobody_follows_it(
    tmp_path: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call, popen = ScriptCall(str(script(tmp_path, ASLEEP))), cast(Popen, forks.popen)
    begun = BegunScript(call, Plan(), keep=tmp_path / "kept", process=ScriptProcess(popen))
    told = tmp_path / "pid"
    deadline = time.monotonic() + 20
    while not (told.exists() and told.read_text()):
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
    begun.close()
    begun.close()
    wait_until_gone(int(told.read_text()))


HELPED = "import sys\nfrom helper import factor\nprint(factor, sys.argv, __file__)\n1 / 0\n"


def test_a_text_runs_in_place_of_the_file(tmp_path: Path, record_forked: RecordForked) -> None:
    (tmp_path / "helper.py").write_text("factor = 3\n")
    path = script(tmp_path, "print('not this')\n")
    recording = record_forked(path, arguments=["a"], source="# coding: latin-1 é\n" + HELPED)
    assert recording.source == "# coding: latin-1 é\n" + HELPED
    assert "\n".join(recording.output.splitlines()[:1]) == f"3 {[str(path), 'a']} {path}"
    assert "    1 / 0" in recording.output
    assert (recording.name, recording.error and recording.error.line) == ("script.py", 5)
    assert path.read_text() == "print('not this')\n"


def test_a_changed_lesson_is_followed_into_no_file_of_this_program(
    record_forked: RecordForked,
) -> None:
    lesson = LESSONS[1].path
    recording = record_forked(lesson, source=lesson.read_text() + "\n")
    assert [file.name for file in recording.files] == [lesson.name]
