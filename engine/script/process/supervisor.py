"""Recording a script that has this terminal, or none: its streams and its exit code are its own.

The script runs in a child; this process passes signals on to it, says in the recording how it
ended where it could not say so itself, and ends in the same way.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from engine.recording.file.frames import RunFileError
from engine.recording.file.run_file import append_end
from engine.recording.file.run_reader import RunReader
from engine.recording.pass_plan import Plan
from engine.recording.records import Ending, ScriptError
from engine.script.frames.script_errors import died, ended_unseen
from engine.script.process.child import ScriptCall, order, start
from engine.script.process.process_tree import die_of

PASSED_ON = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGQUIT", "SIGCONT", "SIGWINCH")


def record_to(call: ScriptCall, plan: Plan, file: Path) -> int:
    """Record into the file, which must not exist; returns the script's exit code.

    It is negative where a signal has killed the script: see `end_like`.
    """
    process = start(order(call, plan, file))
    with _passing_signals_on(process):
        ending = _wait(process, plan.seconds)
        when = time.time()
    code = process.returncode
    with contextlib.suppress(RunFileError, OSError):
        _say_the_end(file, ending, code, when)
    return 124 if ending == "time" else code


def end_like(code: int) -> int:
    """Return the exit code of a script; where it is a signal's, this process dies of that too.

    So a shell, or whatever has started this process, sees what it would have seen of the script.
    """
    if code < 0:
        die_of(-code)
    return code


def _wait(process: subprocess.Popen[bytes], seconds: float | None) -> Ending | None:
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        try:
            left = None if deadline is None else max(deadline - time.monotonic(), 0)
            process.wait(left)
            return None
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return "time"
        except KeyboardInterrupt:  # the script has its own from the terminal, and may go on
            continue


def _say_the_end(file: Path, ending: Ending | None, code: int, when: float) -> None:
    reader = RunReader(file)
    try:
        if reader.has_end:
            return
        error: ScriptError | None = None
        if ending is None:
            ending = "error" if code else "exit"
            error = died(-code) if code < 0 else None
            if code > 0:
                error = ended_unseen(code)
            if error is not None:
                error = replace(error, line=reader.last_line)
        append_end(file, ending, error, when=when)
    finally:
        reader.close()


@contextlib.contextmanager
def _passing_signals_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    def pass_on(number: int, frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)

    numbers = [getattr(signal, name) for name in PASSED_ON if hasattr(signal, name)]
    before = {number: signal.signal(number, pass_on) for number in numbers}
    if not _has_the_terminal():
        before[signal.SIGINT] = signal.signal(signal.SIGINT, pass_on)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _has_the_terminal() -> bool:
    """Whether Ctrl+C reaches the script by itself."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False
