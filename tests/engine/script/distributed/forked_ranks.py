"""Runs scripts on two ranks over gloo, each plain and recorded: torch is loaded once for all.

`python -m … FOLDER`: every `NAME.py` in the folder leaves `NAME/rank-0.run` and `NAME/rank-1.run`,
what it printed, and what it saved, in `NAME/plain` and `NAME/recorded`. Of one that hangs the
first rank's collective is kept as it was while it hung.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import time
from pathlib import Path

import torch.distributed.tensor

from engine.recording.file.frames import RunFileError
from engine.recording.file.run_reader import RunReader
from engine.recording.pass_plan import Plan
from engine.recording.rank_records import Collective, RankPlace
from engine.script.distributed.collectives import PREPARING
from engine.script.process import child
from engine.script.process.child import ScriptCall
from engine.script.process.process_tree import die_with

WORLD = 2
SECONDS = 30.0
"""No script may take longer."""


def main(folder: Path) -> None:
    """Run every script of the folder."""
    load()
    for script in sorted(folder.glob("*.py")):
        hangs = script.stem == "hang"
        for recorded in (True,) if hangs else (False, True):
            run_ranks(script, recorded=recorded, hangs=hangs)


def load() -> None:
    """Have torch load what it loads only when it is used, before the ranks are forked."""
    weight = torch.zeros(1, requires_grad=True)
    torch.optim.SGD([weight]).step()


def run_ranks(script: Path, *, recorded: bool, hangs: bool) -> None:
    """Fork the ranks, and wait for them; whatever is left of them is killed."""
    out = script.parent / script.stem / ("recorded" if recorded else "plain")
    out.mkdir(parents=True)
    ranks = [fork(script, rank, out, recorded=recorded) for rank in range(WORLD)]
    try:
        if hangs:
            say_what_hangs(out.parent / "rank-0.run", out / "hung")
        until = time.monotonic() + (0 if hangs else SECONDS)
        left = set(ranks)
        while left and time.monotonic() < until:
            left -= {pid for pid in left if os.waitpid(pid, os.WNOHANG)[0]}
            time.sleep(0.005)
    finally:
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def fork(script: Path, rank: int, out: Path, *, recorded: bool) -> int:
    """Start one rank; returns its process."""
    pid = os.fork()
    if pid:
        return pid
    parent = os.getppid()
    os.chdir(out)
    printed = os.open(f"printed-{rank}", os.O_WRONLY | os.O_CREAT)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": str(WORLD), "OMP_NUM_THREADS": "1"}
    code = 0
    try:
        if recorded:
            record(script, rank, out.parent, parent)
        else:
            die_with(parent)
            source = compile(script.read_text(), str(script), "exec")
            exec(source, {"__name__": "__main__", "__file__": str(script)})
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code)


def record(script: Path, rank: int, folder: Path, parent: int) -> None:
    """Run the script as one rank in this process, and record it."""
    place = RankPlace(rank, WORLD, rank, "host", "launch")
    call, run = ScriptCall(str(script), place=place), folder / f"rank-{rank}.run"
    child.main([*sys.modules], parent, child.order(call, Plan(), run))


def say_what_hangs(recording: Path, out: Path) -> None:
    """Write the operation that a rank has reached and not left, as its recording says so far.

    The ranks may be long in meeting, too, which is no hanging.
    """
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        last = reached(recording)
        if last is not None and not last.ended and last.operation not in PREPARING:
            out.write_text(f"{last.operation} {last.line}")
            return
        time.sleep(0.05)


def reached(recording: Path) -> Collective | None:
    """The collective that a rank has reached last, as far as there is a recording of it."""
    try:
        reader = RunReader(recording)
    except RunFileError:
        return None
    try:
        return reader.recording().collective
    finally:
        reader.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
