"""Runs of scripts for figures, plain and recorded, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.recording.pass_plan import Plan
from engine.script.process.child import ScriptCall, order, start

ROUNDS = 5
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1"}

_TELL = "import atexit, time; atexit.register(lambda: print(time.process_time())); "
"""A handler that is registered first runs last."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a script, plain or recorded."""

    lines: tuple[str, ...]
    cpu: float
    """Seconds of all its processes."""
    peak: float
    """Bytes of the largest of them."""
    bytes: int
    """Of the recording, 0 where there is none."""


def execute(script: Path, *arguments: str, options: Sequence[str] | None = None) -> Run:
    """Run the script, recorded where there are `options`; raises where it fails."""
    command = [sys.executable, str(script), *arguments]
    file = script.with_suffix(".run")
    file.unlink(missing_ok=True)
    if options is not None:
        command = [sys.executable, "-m", "tui", "record", str(script), "-o", str(file)]
        command += [*options, "--", *arguments]
    return _ended(_started(command), file)


def execute_python(*command: str) -> Run:
    """Run Python with these arguments; raises where it fails."""
    return _ended(_started([sys.executable, *command]))


def execute_alone(script: Path, *arguments: str, recorded: bool) -> Run:
    """Run the script in one process only, that of the recorder where it is `recorded`.

    The last line that it prints is its CPU seconds when its exit handlers have run, the recorder's
    too.
    """
    file = script.with_suffix(".run")
    file.unlink(missing_ok=True)
    if recorded:
        ordered = order(ScriptCall(str(script), False, arguments), Plan(), file)
        process = start(ordered, popen=_telling)
    else:
        source = f"import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path({str(script)!r})"
        process = _telling([sys.executable, "-c", source, str(script), *arguments])
    return _ended(process, file)


def _telling(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start `python … -c SOURCE …`; it tells how much it has had in the last of its handlers."""
    source = command.index("-c") + 1
    return _started([*command[:source], _TELL + command[source], *command[source + 1 :]])


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=ONE_THREAD)


def _ended(process: subprocess.Popen[bytes], file: Path | None = None) -> Run:
    with process:
        assert process.stdout is not None
        printed = process.stdout.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    size = file.stat().st_size if file is not None and file.exists() else 0
    cpu = used.ru_utime + used.ru_stime
    return Run(tuple(printed.splitlines()), cpu, used.ru_maxrss * 1024, size)


@contextmanager
def script_file(source: str) -> Iterator[Path]:
    """The source in a folder of its own."""
    with TemporaryDirectory() as folder:
        script = Path(folder, "script.py")
        script.write_text(source)
        yield script
