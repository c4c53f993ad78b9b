"""Processes of scripts that are started before they are needed, as loading torch takes a second.

One may run its script before there is an app to show it. Another one waits for the script that is
recorded next: what is opened, or changed and run again, is there at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from engine.recording.records import Recording
from engine.script.process.script_process import ScriptProcess
from engine.script.process.subprocess_recorder import BegunScript, record_isolated
from tui.graph.subjects.growth import Cancelled, Grown, ScriptRecorder
from tui.graph.subjects.loader import Recorders, record_script
from tui.script.subject import Script

IDLE_SECONDS = 600.0
"""So long a process waits for a script: then others may have its memory."""


def recorders(script: object = None, begun: BegunScript | None = None) -> Recorders:
    """Return what records in the app, where a script may have begun."""
    ahead = StartedAhead(script, begun)
    return Recorders(script=ahead, get_ready=ahead.get_ready, close=ahead.close)


def script_recorder(process: ScriptProcess | None) -> ScriptRecorder:
    """Return what records one script, in a process where one is given."""
    return partial(record_script, isolated=partial(record_isolated, process=process))


class StartedAhead:
    """Records scripts, as a `ScriptRecorder`; all methods may be called from any thread.

    A `script` that has begun is not started again. `recorder` is given a process that waits for
    one, where there is such a process, and returns what records others.
    """

    def __init__(
        self,
        script: object = None,
        begun: BegunScript | None = None,
        recorder: Callable[[ScriptProcess | None], ScriptRecorder] = script_recorder,
        process: Callable[[], ScriptProcess] = ScriptProcess,
        idle: float = IDLE_SECONDS,
        timer: Callable[[float, Callable[[], None]], threading.Timer] = threading.Timer,
    ) -> None:
        self._script, self._begun = script, begun
        self._recorder, self._new_process = recorder, process
        self._idle, self._new_timer = idle, timer
        self._lock = threading.Lock()
        self._waiting: ScriptProcess | None = None
        self._timer: threading.Timer | None = None
        self._closed = False

    def __call__(self, script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
        """Record a script; one that has begun is followed, the first time it is asked for."""
        begun, self._begun = self._begun, None
        try:
            if begun is not None and script == self._script:
                return begun.follow(cancelled, grown)
            if begun is not None:
                begun.close()
            record = self._recorder(self._take())
            return record(script, cancelled=cancelled, grown=grown)
        finally:
            self.get_ready()

    def get_ready(self) -> None:
        """Start a process that waits for a script, if none does and one can be started."""
        with self._lock, suppress(OSError):
            if self._waiting is None and not self._closed:
                process = self._new_process()
                process.prepare()
                self._waiting = process
                self._timer = self._new_timer(self._idle, partial(self._end, process))
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Let none wait any more; takes no time, as it is called where the app ends."""
        self._closed = True
        process = self._take()
        if process is not None:
            process.let_go()

    def _end(self, process: ScriptProcess) -> None:
        with self._lock:
            if process is not self._waiting:  # a script has just taken it
                return
            self._waiting = None
        process.close()

    def _take(self) -> ScriptProcess | None:
        with self._lock:
            process, self._waiting = self._waiting, None
            if self._timer is not None:
                self._timer.cancel()
            return process
