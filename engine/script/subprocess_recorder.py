"""Recording a user's file in a process of its own, which can be killed and harms nothing.

The child is cut off from the terminal: its descriptors 0, 1 and 2 lead to an empty stdin and
to a pipe, so whatever it prints past `sys.stdout` cannot paint over a screen. It sends every
entry of its journal as it is made; when it calls `os._exit`, crashes, or is killed because it
was cancelled or ran out of time, all lines up to then are there.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.recording.journal import MOMENTS_LIMIT, Journal
from engine.recording.records import Ending, Recording, ScriptError
from engine.script.captured_output import OUTPUT_LIMIT
from engine.script.pipe import ENTRIES, Receiver, Sender
from engine.script.source_file import read_source

SECONDS_LIMIT = 300.0
"""A script that runs longer is killed; what was recorded stays."""
_POLL_SECONDS = 0.05
"""How soon a cancel is seen."""
_GRACE_SECONDS = 1.0
"""How long to wait for the rest of the messages of a dead child, should another hold its pipes."""
_CHILD = (
    "import json, sys; request = json.loads(sys.argv[1]); sys.path[:] = request.pop('path'); "
    "from engine.script.subprocess_recorder import serve; serve(**request)"
)


def record_isolated(
    path: Path,
    *,
    arguments: Sequence[str] = (),
    limit: int = MOMENTS_LIMIT,
    seconds: float = SECONDS_LIMIT,
    cancelled: Callable[[], bool] = lambda: False,
) -> Recording:
    """Like `engine.script.recorder.record`, in a child process that is gone when this returns.

    A script killed for time ends its recording with `time`; one that dies by itself, with
    `exit` or `error`; Ctrl+C cancels. Raises SourceError where the file cannot be read.
    """
    journal = Journal(path.name, read_source(path))
    request = {"path": sys.path, "file": str(path), "arguments": list(arguments), "limit": limit}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _CHILD, json.dumps(request)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        try:
            return _Conversation(process, journal).follow(seconds, cancelled)
        finally:
            _kill(process)


class _Conversation:
    """The parent's side: the messages that have arrived so far."""

    def __init__(self, process: subprocess.Popen[bytes], journal: Journal) -> None:
        self._process = process
        self._journal = journal
        self._result: tuple[Ending, ScriptError | None, str] | None = None
        self._printed = bytearray()
        self._threads = [
            threading.Thread(target=self._read_entries, daemon=True),
            threading.Thread(target=self._read_prints, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def follow(self, seconds: float, cancelled: Callable[[], bool]) -> Recording:
        deadline = time.monotonic() + seconds
        ending: Ending | None = None
        try:
            while self._result is None and self._process.poll() is None and ending is None:
                self._threads[0].join(_POLL_SECONDS)
                if cancelled():
                    ending = "cancelled"
                elif time.monotonic() > deadline:
                    ending = "time"
        except KeyboardInterrupt:  # without a screen
            ending = "cancelled"
        if ending is not None:
            _kill(self._process)
        code = self._process.wait()
        _kill(self._process)  # now also what it had started
        for thread in self._threads:
            thread.join(_GRACE_SECONDS)
        printed = self._printed.decode(errors="replace")
        if self._result is not None:
            ended, error, trailing = self._result
            return self._journal.recording(ended, error, trailing + printed)
        if ending is not None:
            return self._journal.recording(ending, None, printed)
        return self._died(code, printed)

    def _died(self, code: int, printed: str) -> Recording:
        line = self._journal.line
        if code < 0:
            name = signal.Signals(-code).name
            error = ScriptError(name, f"the process was killed by signal {-code}", line)
            return self._journal.recording("error", error, printed)
        error = ScriptError("SystemExit", str(code), line)
        return self._journal.recording("exit", error if code else None, printed)

    def _read_entries(self) -> None:
        assert self._process.stdout is not None
        received = Receiver(self._process.stdout)
        # Whatever a broken script writes into the pipe ends the recording, no more.
        with contextlib.suppress(Exception):
            while self._result is None:
                name, arguments = received.next()
                if name == "end":
                    self._result = arguments
                elif name in ENTRIES:
                    getattr(self._journal, name)(*arguments)

    def _read_prints(self) -> None:
        assert self._process.stderr is not None
        while data := os.read(self._process.stderr.fileno(), 1 << 16):
            self._printed += data[: OUTPUT_LIMIT - len(self._printed)]


def serve(file: str, arguments: list[str], limit: int) -> None:
    """The child: record the file and send every entry to the parent; never returns."""
    lifeline, channel = os.dup(0), os.dup(1)
    with open(os.devnull, "rb") as empty:  # noqa: PTH123
        os.dup2(empty.fileno(), 0)
    os.dup2(2, 1)
    _die_with_parent(lifeline)
    # Imported only now: torch may print, and takes its time.
    from engine.script.recorder import record

    path = Path(file)
    journal = Sender(path.name, read_source(path), channel)
    recording = record(path, arguments=arguments, limit=limit, journal=journal)
    journal.send("end", recording.ending, recording.error, recording.trailing_output)
    # Threads that the script left behind are not waited for.
    os._exit(0)


def _die_with_parent(lifeline: int) -> None:
    """The lifeline is a pipe from the parent that nobody writes to: it ends with the parent."""

    def watch() -> None:
        os.read(lifeline, 1)
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    if sys.platform == "linux":  # also where a script holds the interpreter in C code
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the child and all that it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
