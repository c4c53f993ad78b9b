"""`record`: the script as it is without us, and a recording beside it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from engine.recording.file.frames import RunFileError
from engine.recording.file.run_reader import RunReader
from engine.recording.pass_plan import Plan
from engine.script.process.child import ScriptCall
from tests.forks.forks import Forks
from tests.tui.cli.conftest import RunCommand
from tests.tui.cli.runs import write
from tui.cli.scripts import record

ROOT = Path(__file__).parents[4]
DYING = """\
import os, signal, time, torch, torch.distributed as dist
dist.init_process_group("gloo")
w = torch.ones(1, requires_grad=True)
for i in range(5):
    (w * w).sum().backward()
    if i == 2:
        if dist.get_rank() == 1:
            while not os.path.exists("waits"): time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
    dist.all_reduce(w.grad)
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("RANK", "WORLD_SIZE", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "train.py"
    path.write_text("print(1)")
    return path


class Supervisor:
    """Writes a recording in place of running anything."""

    def __init__(self, code: int = 0, **written: object) -> None:
        self.calls: list[tuple[ScriptCall, Plan, Path]] = []
        self._code, self._written = code, written

    def __call__(self, call: ScriptCall, plan: Plan, file: Path) -> int:
        self.calls.append((call, plan, file))
        if self._written.pop("nothing", False):
            return self._code
        write(file, **self._written)  # type: ignore[arg-type]
        return self._code


def test_where_the_recording_is_is_said_on_stderr(run_command: RunCommand, script: Path) -> None:
    supervise = Supervisor(3)
    words = ("record", "train.py", "-o", "a run", "--when", "nonfinite", "--", "-x")

    answer = run_command(record.run, *words, supervise=supervise)
    quiet = run_command(record.run, "record", "train.py", "--quiet", supervise=supervise)

    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith("linreg-tui: 10 passes, ")
    assert answer.err.endswith(" kB: linreg-tui inspect 'a run'\n")
    assert (quiet.code, quiet.out, quiet.err) == (3, "", "")
    call, plan, file = supervise.calls[0]
    assert (call, file) == (ScriptCall("train.py", False, ("-x",)), Path("a run"))
    assert list(map(str, plan.when)) == ["nonfinite"]


@pytest.mark.parametrize(("ending", "option"), [("bound", "--limit"), ("time", "--time")])
def test_a_script_that_was_stopped_is_said_to_be(
    run_command: RunCommand, script: Path, ending: str, option: str
) -> None:
    supervise = Supervisor(124, ending=ending)
    answer = run_command(record.run, "record", "train.py", "-o", "run", supervise=supervise)
    assert answer.err.endswith(f" kB, stopped as {option} asks: linreg-tui inspect run\n")


def test_a_name_says_what_ran_and_when(
    run_command: RunCommand, script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervise = Supervisor()
    monkeypatch.setattr("time.strftime", lambda _: "20261125-111156")
    for words in (["train.py"], ["train.py"], ["-m", "json.tool"]):
        run_command(record.run, "record", *words, supervise=supervise)

    assert [file.name for _, _, file in supervise.calls] == [
        "train-20261125-111156.run",
        "train-20261125-111156-2.run",
        "json.tool-20261125-111156.run",
    ]


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("there", "it exists"),
        ("empty", "it exists"),
        (".", "it is a folder"),
        ("nowhere/run", "No such file or directory"),
        ("there/run", "Not a directory"),
        ("x" * 300, "File name too long"),
    ],
)
def test_a_recording_that_cannot_be_begun_runs_nothing(
    run_command: RunCommand, script: Path, output: str, why: str
) -> None:
    Path("there").write_text("kept")
    Path("empty").touch()
    supervise = Supervisor()

    answer = run_command(record.run, "record", "train.py", "-o", output, supervise=supervise)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"linreg-tui: cannot record to {output}: {why}\n"
    assert not supervise.calls
    assert Path("there").read_text() == "kept"


def test_a_full_disk_runs_nothing(
    run_command: RunCommand, script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    supervise = Supervisor()
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        answer = run_command(record.run, "record", "train.py", "-o", "run", supervise=supervise)

    assert answer.code == 2
    assert answer.err == "linreg-tui: cannot record to run: No space left on device\n"
    assert not supervise.calls
    assert not Path("run").exists()


def test_nothing_recorded_leaves_no_file(run_command: RunCommand, script: Path) -> None:
    supervise = Supervisor(1, nothing=True)

    answer = run_command(record.run, "record", "train.py", "-o", "run", supervise=supervise)

    assert (answer.code, answer.err) == (1, "")
    assert not Path("run").exists()


def test_a_recording_that_broke_off_is_said(run_command: RunCommand, script: Path) -> None:
    answer = run_command(record.run, "record", "train.py", supervise=Supervisor(ending=None))

    assert "broken off: it could not be written on" in answer.err


def test_the_supervising_process_loads_neither_torch_nor_textual() -> None:
    code = (
        "import sys; from tui.cli.options.arguments import read; "
        "import tui.cli.main, tui.cli.scripts.record; "
        "read('record', ['tui/__main__.py']); print({'torch', 'textual'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("set()\n", "")


Python = Callable[..., subprocess.CompletedProcess[str]]
caught = partial(subprocess.run, capture_output=True, text=True)
MODEL = """\
def forward(w):
    print("forward")
    raise ValueError("bad batch")
"""
TRAIN = """\
import os, sys
import torch
from .model import forward
w = torch.ones(2, requires_grad=True)
(w * 2).sum().backward()
print(sys.argv[1:], __name__, open("data.txt").read(), flush=True)
os.write(2, b"past sys.stderr\\n")
if sys.argv[1] == "exit":
    sys.exit(3)
if sys.argv[1] == "signal":
    os.kill(os.getpid(), int(sys.argv[2]))
from engine import STEPS  # as many projects have
print(STEPS)
forward(w)
"""


@pytest.mark.skipif(os.name != "posix", reason="ends by a signal")
@pytest.mark.parametrize("arguments", ["error", "exit", "signal 40"])
def test_a_module_runs_as_it_does_in_python(tmp_path: Path, forks: Forks, arguments: str) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "model.py").write_text(MODEL)
    (package / "train.py").write_text(TRAIN)
    (tmp_path / "engine.py").write_text("STEPS = 3")
    (tmp_path / "data.txt").write_text("data")
    words = arguments.split()

    def run(python: Python, *before: str) -> tuple[int, str, str]:
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = python([sys.executable, "-m", *before, *words], cwd=tmp_path, env=environ)
        return done.returncode, done.stdout, done.stderr

    # Once the script is compared with what Python itself makes of it; then a fork is as good.
    plain = run(caught if arguments == "error" else forks.run, "package.train")
    recorded = run(caught, "tui", "record", "--quiet", "-m", "package.train", "-o", "run", "--")

    assert recorded == (plain[0], plain[1], without_runpy(plain[2]))
    assert plain[0] == {"error": 1, "exit": 3, "signal 40": -40}[arguments]
    recording = RunReader(tmp_path / "run").recording()
    assert len(recording.backwards) == 1
    assert recording.error is not None
    assert recording.error.type == {
        "error": "ValueError",
        "exit": "SystemExit",
        "signal 40": f"SIGRTMIN+{40 - signal.SIGRTMIN}",
    }.get(arguments)


def without_runpy(text: str) -> str:
    """A traceback without the frames of Python's own `-m`."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if "<frozen runpy>" not in line)


@pytest.fixture
def as_rank(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes this process one of two ranks."""

    def begin(rank: int) -> None:
        for name, value in (("RANK", rank), ("WORLD_SIZE", 2), ("MASTER_PORT", 29500)):
            monkeypatch.setenv(name, str(value))

    return begin


def test_ranks_are_recorded_in_one_folder_and_one_of_them_says_where(
    run_command: RunCommand, script: Path, as_rank: Callable[[int], None]
) -> None:
    supervise = Supervisor()
    answers = []
    for rank in (1, 0):
        as_rank(rank)
        words = ("record", "train.py", "-o", "RUN")
        answers.append(run_command(record.run, *words, supervise=supervise))
    third = run_command(record.run, "record", "train.py", "-o", "RUN", supervise=supervise)
    as_rank(1)
    named = run_command(record.run, "record", "train.py", supervise=Supervisor(3))

    assert answers[0].err == ""
    assert re.fullmatch(
        r"linreg-tui: 2 ranks, 10 passes, [\d.]+ kB: linreg-tui inspect RUN\n", answers[1].err
    )
    places = [call.place for call, _, _ in supervise.calls]
    assert [(place.rank, place.world_size) for place in places if place] == [(1, 2), (0, 2)]
    assert sorted(path.name for path in Path("RUN").glob("*.run")) == ["rank-0.run", "rank-1.run"]
    assert (third.code, third.err) == (
        2,
        "linreg-tui: cannot record to RUN/rank-0.run: it exists\n",
    )
    assert re.fullmatch(
        r"linreg-tui: rank 1 of 2 ended with exit code 3, 10 passes, .* inspect train-29500\n",
        named.err,
    )


def test_a_rank_that_died_and_one_that_waited_for_it_are_told_apart(script: Path) -> None:
    script.write_text(DYING)
    ours = (sys.executable, "-m", "tui", "record", "train.py", "-o", "RUN")
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, *launcher, "--no-python", *ours],
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
        start_new_session=True,
    )
    try:
        wait_for_collective(3, Path("RUN/rank-0.run"))
        Path("waits").touch()
        said = process.communicate(timeout=60)[1]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    first, second = (RunReader(Path(f"RUN/rank-{rank}.run")).recording() for rank in (0, 1))

    assert process.returncode == 1
    assert second.error is not None
    assert (second.error.type, second.error.line) == ("SIGKILL", 9)
    assert first.ending == "error"
    assert first.ended is not None
    assert second.ended is not None
    assert abs(second.ended - first.ended) < 30
    assert first.place is not None
    assert (first.place.backend, first.place.local_rank) == ("gloo", 0)
    assert first.collective is not None
    assert (first.collective.operation, first.collective.line) == ("all_reduce", 10)
    assert not first.collective.ended
    assert second.collective is not None
    assert (second.collective.number, second.collective.ended) == (2, True)
    assert "linreg-tui: rank 1 of 2 ended with SIGKILL, 3 passes" in said


def wait_for_collective(number: int, path: Path) -> None:
    """Wait until a rank is in the collective of that number."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(RunFileError),
            contextlib.closing(RunReader(path)) as reader,
        ):
            reached = reader.recording().collective
            if reached is not None and (reached.number, reached.ended) == (number, False):
                return
        time.sleep(0.05)
    pytest.fail("the rank has not come to the collective")
