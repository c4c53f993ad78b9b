"""Recording a user's script in a process of its own, which can be killed and harms nothing.

The child is cut off from the terminal, so whatever it prints past `sys.stdout` cannot paint over a
screen. It writes its recording to a file, which is read here while it grows; when it calls
`os._exit`, crashes, or is killed, all that was written is there.
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.recording.file.frames import RunFileError
from engine.recording.file.run_file import CUT
from engine.recording.file.run_reader import RunReader
from engine.recording.pass_plan import Plan
from engine.recording.records import Ending, Recording
from engine.script.frames.script_errors import died, ended_unseen
from engine.script.frames.source_file import SourceError, read_source
from engine.script.interventions import Change
from engine.script.process.child import ScriptCall
from engine.script.process.script_process import ScriptProcess

POLL_SECONDS = 0.02
"""How soon a cancel, and what is new, are seen."""


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
    process: ScriptProcess | None = None,
) -> Recording:
    """Record a script in a child process, which is gone at the return: in the one that is given.

    `grown` is given what there is whenever there is more. The recording is kept in a file of its
    own while it is looked at, in `keep` for good. A script killed for time ends its recording
    with `time`; one that dies by itself with `exit` or `error`; Ctrl+C cancels. With a `source`
    that is run in place of the file's text, as if it stood there; a `change` is made in the
    script's numbers. Raises SourceError where the file cannot be read, RunFileError where `keep`
    cannot be written.
    """
    call = ScriptCall(str(path), module, tuple(arguments), change=change)
    begun = BegunScript(call, plan, keep=keep, source=source, process=process)
    return begun.follow(cancelled, grown)


class BegunScript:
    """A script's process, which runs from the first, and the reader of what it writes.

    What is not followed must be closed. No thread is started before it is followed; `keep`,
    `source` and `process` are those of `record_isolated`, and so is what is raised.
    """

    def __init__(
        self,
        call: ScriptCall,
        plan: Plan,
        *,
        keep: Path | None = None,
        source: str | None = None,
        process: ScriptProcess | None = None,
    ) -> None:
        self._deadline = None if plan.seconds is None else time.monotonic() + plan.seconds
        self._reader: RunReader | None = None
        with contextlib.ExitStack() as files:
            self._process = process or ScriptProcess()
            files.callback(self._process.close)
            self._name, self._source = call.target, source or ""
            if not call.module:
                self._name = Path(call.target).name
                if source is None:
                    self._source = read_source(Path(call.target))
            # A reader holds the recording open, so it may be removed when it has been followed.
            self._file = keep or self._process.folder / "recording"
            if source is not None:  # which would be too long for a command line
                text = self._process.folder / "source.py"
                text.write_bytes(source.encode("utf-8", "surrogatepass"))
                call = replace(call, text=str(text))
            self._process.run(call, plan, self._file)
            self._files = files.pop_all()

    def follow(
        self,
        cancelled: Callable[[], bool] = lambda: False,
        grown: Callable[[Recording], object] | None = None,
    ) -> Recording:
        """Return the recording when the script has ended, as `record_isolated` does."""
        self._process.listen()
        with self._files:
            try:
                ending = self._wait(cancelled, grown)
            finally:
                self._process.end()
            return self._recording(ending, self._process.printed)

    def close(self) -> None:
        """End a script that nobody has followed; does nothing where somebody has."""
        self._files.close()

    def _recording(self, ending: Ending | None, printed: str) -> Recording:
        """All that was written, with what it does not say itself of how the script ended."""
        self._read()
        if self._reader is None and ending is not None:  # before the script has begun
            return Recording(self._name, self._source, (), (), (), ending)
        if self._reader is None:
            raise SourceError(
                _last_line(printed).removeprefix("linreg-tui: ")
                or "the script's process ended at once"
            )
        if ending is not None:
            self._reader.ended(ending, None, printed)
        elif (code := self._process.process.returncode) < 0:
            self._reader.ended("error", died(-code), printed)
        elif code and not self._reader.has_end and CUT not in printed:
            self._reader.ended("error", ended_unseen(code), printed)
        else:
            self._reader.printed(printed)
        recording = self._reader.recording()
        if recording.files:
            return recording
        # What loads torch has written no more than that it has begun, if that.
        return replace(recording, name=self._name, source=self._source)

    def _wait(
        self, cancelled: Callable[[], bool], grown: Callable[[Recording], object] | None
    ) -> Ending | None:
        try:
            process = self._process.process
            while process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(POLL_SECONDS)
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


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
