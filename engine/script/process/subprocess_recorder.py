"""Recording a user's script in a process of its own, which can be killed and harms nothing.

The child is cut off from the terminal: its descriptors 0, 1 and 2 lead to an empty stdin and to a
pipe, so whatever it prints past `sys.stdout` cannot paint over a screen. It writes its recording
to a file, which is read here while it grows; when it calls `os._exit`, crashes, or is killed, all
that was written is there.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.recording.frames import RunFileError
from engine.recording.pass_plan import Plan
from engine.recording.records import Ending, Recording
from engine.recording.run_file import CUT
from engine.recording.run_reader import RunReader
from engine.script.frames.script_errors import died, ended_unseen
from engine.script.frames.source_file import SourceError, read_source
from engine.script.interventions import Change
from engine.script.process.child import Popen, ScriptCall, start
from engine.script.process.process_tree import PATIENCE
from engine.script.unseen.captured_output import OUTPUT_LIMIT

POLL_SECONDS = 0.02
"""How soon a cancel, and what is new, are seen."""
GRACE_SECONDS = 1.0
"""How long to wait for the rest of the output of a dead child, should another hold its pipe."""


def record_isolated(
    path: Path,
    *,
    arguments: Sequence[str] = (),
    plan: Plan = Plan(),  # noqa: B008 - it is frozen
    cancelled: Callable[[], bool] = lambda: False,
    grown: Callable[[Recording], object] | None = None,
    module: bool = False,
    keep: Path | None = None,
    source: str | None = None,
    change: Change | None = None,
    popen: Popen = subprocess.Popen,
) -> Recording:
    """Record a script in a child process, which `popen` starts and which is gone at the return.

    `grown` is given what there is whenever there is more. The recording is kept in a file of its
    own while it is looked at, in `keep` for good. A script killed for time ends its recording
    with `time`; one that dies by itself with `exit` or `error`; Ctrl+C cancels. With a `source`
    that is run in place of the file's text, as if it stood there; a `change` is made in the
    script's numbers. Raises SourceError where the file cannot be read, RunFileError where `keep`
    cannot be written.
    """
    call = ScriptCall(str(path), module, tuple(arguments), change=change)
    return BegunScript(call, plan, keep=keep, source=source, popen=popen).follow(cancelled, grown)


class BegunScript:
    """A script's process, which runs from the first, and the reader of what it writes.

    What is not followed must be closed. No thread is started before it is followed; `keep` and
    `source` are those of `record_isolated`, and so is what is raised.
    """

    def __init__(
        self,
        call: ScriptCall,
        plan: Plan,
        *,
        keep: Path | None = None,
        source: str | None = None,
        popen: Popen = subprocess.Popen,
    ) -> None:
        if not call.module and source is None:
            read_source(Path(call.target))
        self._deadline = None if plan.seconds is None else time.monotonic() + plan.seconds
        self._printed = bytearray()
        self._reader: RunReader | None = None
        with contextlib.ExitStack() as files:
            # A reader holds the recording open, so it may be removed when it has been followed.
            folder = files.enter_context(_folder())
            self._file = keep or folder / "recording"
            if source is not None:  # which would be too long for a command line
                text = folder / "source.py"
                text.write_bytes(source.encode("utf-8", "surrogatepass"))
                call = replace(call, text=str(text))
            self._process, self._lifeline = _started(call, plan, self._file, folder, popen)
            self._files = files.pop_all()

    def follow(
        self,
        cancelled: Callable[[], bool] = lambda: False,
        grown: Callable[[Recording], object] | None = None,
    ) -> Recording:
        """Return the recording when the script has ended, as `record_isolated` does."""
        listening = threading.Thread(target=self._listen, daemon=True)
        listening.start()
        with self._files:
            try:
                ending = self._wait(cancelled, grown)
            finally:
                self._kill()
            listening.join(GRACE_SECONDS)
            if self._process.stdout is not None and not listening.is_alive():
                self._process.stdout.close()
            return self._recording(ending, self._printed.decode(errors="replace"))

    def close(self) -> None:
        """End a script that nobody has followed; does nothing where somebody has."""
        if self._lifeline >= 0:
            with self._files:
                self._kill()
                if self._process.stdout is not None:
                    self._process.stdout.close()

    def _recording(self, ending: Ending | None, printed: str) -> Recording:
        """All that was written, with what it does not say itself of how the script ended."""
        self._read()
        if self._reader is None:
            raise SourceError(
                _last_line(printed).removeprefix("linreg-tui: ")
                or "the script's process ended at once"
            )
        if ending is not None:
            self._reader.ended(ending, None, printed)
        elif self._process.returncode < 0:
            self._reader.ended("error", died(-self._process.returncode), printed)
        elif self._process.returncode and not self._reader.has_end and CUT not in printed:
            self._reader.ended("error", ended_unseen(self._process.returncode), printed)
        else:
            self._reader.printed(printed)
        return self._reader.recording()

    def _wait(
        self, cancelled: Callable[[], bool], grown: Callable[[Recording], object] | None
    ) -> Ending | None:
        try:
            while self._process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(POLL_SECONDS)
                if cancelled():
                    return "cancelled"
                if self._deadline is not None and time.monotonic() > self._deadline:
                    return "time"
                if self._read() and grown is not None and self._reader is not None:
                    grown(self._reader.recording())
        except KeyboardInterrupt:  # without a screen
            return "cancelled"
        return None

    def _read(self) -> bool:
        """Read what is new; whether anything was."""
        if self._reader is not None:
            return self._reader.refresh()
        with contextlib.suppress(RunFileError, FileNotFoundError):
            self._reader = RunReader(self._file)
        return self._reader is not None

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while data := os.read(self._process.stdout.fileno(), 1 << 16):
            self._printed += data[: OUTPUT_LIMIT - len(self._printed)]

    def _kill(self) -> None:
        """End the child and all that it has started: the process above the script sees to it."""
        _lifelines.discard(self._lifeline)
        with contextlib.suppress(BrokenPipeError):  # all has ended
            os.write(self._lifeline, b".")
        os.close(self._lifeline)
        self._lifeline = -1
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2 * PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _started(
    call: ScriptCall, plan: Plan, file: Path, temporary: Path, popen: Popen
) -> tuple[subprocess.Popen[bytes], int]:
    """The process of a script, and the pipe with whose end it ends."""
    end, lifeline = os.pipe()
    try:
        process = start(
            call,
            plan,
            file,
            lifeline=end,
            temporary=temporary,
            popen=popen,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(end,),
        )
    except BaseException:
        os.close(lifeline)
        raise
    finally:
        os.close(end)
    _lifelines.add(lifeline)
    return process, lifeline


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="linreg-tui-") as folder:
        yield Path(folder)


_lifelines: set[int] = set()
"""Of the scripts that run."""


def _let_go() -> None:
    """In a fork of this process: hold no script alive."""
    while _lifelines:
        os.close(_lifelines.pop())


os.register_at_fork(after_in_child=_let_go)


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
