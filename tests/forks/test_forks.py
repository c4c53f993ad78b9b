"""A fork is to a program what a new Python is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forks.forks import Forks

STATE = """
import atexit, gc, os, signal, sys, threading
parent = os.getpid()
print(__name__, sys.modules["__main__"].__dict__ is globals(), sys.argv, sys.path[0], os.getcwd())
print({number: signal.getsignal(number) for number in signal.valid_signals()})
for stream in (sys.stdin, sys.stdout, sys.stderr):
    print(stream, stream.errors, stream.line_buffering, stream.write_through, stream.isatty())
print(sorted(os.environ.items()), os.getppid(), os.getsid(0) == os.getpid(), os.umask(0o22))
if os.fork() == 0:
    os._exit(os.getppid() != parent)
print(os.wait()[1])
print(sorted(map(int, os.listdir("/proc/self/fd")))[:-1])
print([one.name for one in threading.enumerate()], gc.isenabled())
print(gc.get_threshold(), sys.stdin.read(), sys.excepthook is sys.__excepthook__)
threading.Thread(target=print, args=("a thread",)).start()
atexit.register(print, "goodbye")
1 / 0
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_a_program_finds_what_it_finds_in_a_new_python(forks: Forks, tmp_path: Path) -> None:
    command = [sys.executable, "-c", STATE, "a", "-b"]
    environ = {**os.environ, "OWN": "é"}
    plain = subprocess.run(
        command, cwd=tmp_path, env=environ, input="typed", capture_output=True, text=True
    )
    forked = forks.run(command, cwd=tmp_path, env=environ, typed="typed")

    assert forked.stdout.splitlines() == plain.stdout.splitlines()
    assert plain.stdout.endswith("a thread\ngoodbye\n")
    assert (told(forked.stderr), forked.returncode) == (told(plain.stderr), plain.returncode)


def told(errors: str) -> list[str]:
    """A traceback without source, which from Python 3.13 on there is of `-c` as well."""
    return [line for line in errors.splitlines() if not line.startswith("    ")]


@pytest.mark.parametrize(
    ("code", "ending"),
    [
        ("import sys; sys.exit(3)", 3),
        ("import sys; sys.exit('no')", 1),
        ("import os; os._exit(300)", 44),
        ("import os; os.abort()", -signal.SIGABRT),
    ],
)
def test_it_ends_as_one_does(forks: Forks, code: str, ending: int) -> None:
    assert forks.run([sys.executable, "-c", code]).returncode == ending


def test_all_that_have_a_folder_share_a_server(forks: Forks, run_folder: Path) -> None:
    wait = [sys.executable, "-c", "import signal; signal.pause()"]
    other = Forks(run_folder)
    running = other.popen(wait), forks.popen(wait)
    parents = {Path(f"/proc/{one.pid}/stat").read_text().split()[3] for one in running}
    other.close()
    for one in running:
        with pytest.raises(subprocess.TimeoutExpired):
            one.wait(0.01)
        one.kill()
        assert one.wait() == -signal.SIGKILL

    assert len(parents) == 1


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_program_that_nobody_waits_for_leaves_the_server_alone(forks: Forks) -> None:
    unasked = forks.popen([sys.executable, "-c", "import signal; signal.pause()"]).pid
    os.kill(unasked, signal.SIGKILL)

    assert forks.run([sys.executable, "-c", "import os; os._exit(3)"]).returncode == 3


def test_a_program_may_be_told_to_leave_no_compiled_files(forks: Forks) -> None:
    command = [sys.executable, "-B", "-c", "import sys; print(sys.dont_write_bytecode, sys.argv)"]
    assert forks.run([*command, "-B"]).stdout == "True ['-c', '-B']\n"
