"""The end of a recording, written however its script ends: by itself or without a way back."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

from engine.own_builtins import OwnBuiltins, are_replaced
from engine.recording.file.run_file import RunJournal
from engine.recording.records import Ending, ScriptError
from engine.script.unseen.captured_output import Output
from engine.script.unseen.our_frames import calls_the_script

PULSE_SECONDS = 0.25
"""How often passes that have ended are written, however long the next one takes."""
REPLACED = (
    "the script has had its process run another program, by os.exec: what that did is not recorded"
)


class LastWords:
    """Writes the end of the recording when the script's own exit handlers have run."""

    def __init__(self, journal: RunJournal, output: Output) -> None:
        self.ending: Ending = "end"
        self.error: ScriptError | None = None
        self.flushes: list[Callable[..., None]] = []
        """Write what has come since; with `last` also what was waited for."""
        self.dying: Callable[[], None] = lambda: None
        """Writes what is of use only where the process does not go on."""
        self.let_go: Callable[[], None] = lambda: None
        """Ends holding what is the script's own."""
        self.over = False
        """Whether the script's own lines have run."""
        self.done = threading.Event()
        self._journal = journal
        self._output = output
        self._process = os.getpid()

    def write(self) -> None:
        """Write the end, in the process that ran the script; what was its own is let go."""
        if os.getpid() == self._process and not self.done.is_set():
            with OwnBuiltins():
                self._end()
        self.let_go()

    def _end(self) -> None:
        self.done.set()
        self.flush(last=True)
        self._journal.end(self.ending, self.error, self._output.take())

    def flush(self, *, last: bool = False) -> None:
        """Write what there is by now."""
        for flush in self.flushes:
            with contextlib.suppress(Exception):
                flush(last=last)


@contextlib.contextmanager
def said_before_the_end(journal: RunJournal, last: LastWords, process: int) -> Any:
    """Write what there is before the script ends its process without a way back."""

    def before(function: Callable[..., Any], said: Callable[..., None]) -> Callable[..., Any]:
        @calls_the_script
        def call(*arguments: Any, **options: Any) -> Any:
            if os.getpid() == process:
                with contextlib.suppress(Exception):
                    said(*arguments)
            return function(*arguments, **options)

        return call

    def leaving(status: int = 0, *_: Any) -> None:
        last.ending = "exit"
        if status:
            last.error = ScriptError("SystemExit", str(status), journal.line)
        last.write()

    def dying(*_: Any) -> None:
        last.flush()
        last.dying()

    def giving_way(path: Any, *_: Any) -> None:
        if os.access(path, os.X_OK):  # several may be tried
            journal.note(REPLACED)
        dying()

    names: dict[tuple[ModuleType, str], Callable[..., None]] = {(os, "_exit"): leaving}
    names |= {(os, name): dying for name in ("abort", "kill", "killpg")}
    names |= {(signal, name): dying for name in ("raise_signal", "pthread_kill")}
    names |= {(os, name): giving_way for name in ("execv", "execve")}
    real = {(host, name): getattr(host, name) for host, name in names}
    for (host, name), said in names.items():
        seen = before(real[host, name], said)
        # As that of `os`, which a script may send to its workers, it is pickled by its name.
        seen.__module__, seen.__name__, seen.__qualname__ = host.__name__, name, name
        setattr(host, name, seen)
    try:
        yield
    finally:
        for (host, name), function in real.items():
            setattr(host, name, function)


def pulse(last: LastWords) -> None:
    """Write what has come, from a thread that `threading` does not list."""
    while not last.done.wait(PULSE_SECONDS):
        if not are_replaced():
            last.flush()
