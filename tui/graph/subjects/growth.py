"""A recording while it grows: what there is of it is handed on, at the pace of a screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from engine.ranks.faults import faults
from engine.ranks.rank_folder import RankFolder
from engine.recording.file.frames import RunFileError
from engine.recording.file.run_reader import RunReader
from engine.recording.records import Recording
from tui.script.rank_lens import SeenRun
from tui.script.subject import Script

PACE_SECONDS = 0.2
"""Between two states of a growing recording that are shown."""
POLL_SECONDS = 0.1
"""Between two looks at a file that another process writes."""

SHARE = 10
"""So many times as long as it takes to look for what is wrong, nothing is looked for."""
WAITED_SECONDS = 2.0
"""After so long without news of any rank it is looked whether one waits for another."""

Cancelled = Callable[[], bool]
"""Asked between lines: whether the recording is to end."""
Grown = Callable[[Recording], object]
"""Given what there is, all of it."""
State = TypeVar("State")


class ScriptRecorder(Protocol):
    """Executes a script of the user's, with what is recorded of it while it runs."""

    def __call__(self, script: Script, /, *, cancelled: Cancelled, grown: Grown) -> Recording:
        """Record the script; raises SourceError or RunFileError with one line."""


class Growth(Generic[State]):
    """Hands on the latest state, not too often; whoever takes states must look now and then."""

    def __init__(
        self, show: Callable[[State], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._show, self._clock = show, clock
        self._waiting: State | None = None
        self._shown_at = clock() - PACE_SECONDS

    def take(self, state: State, *, at_once: bool = False) -> None:
        """Keep a state until it is time to show it, which with `at_once` is now."""
        self._waiting = state
        self._shown_at -= PACE_SECONDS if at_once else 0.0
        self.look()

    def look(self) -> None:
        """Show the state that waits, if it is time."""
        now = self._clock()
        if self._waiting is not None and now - self._shown_at >= PACE_SECONDS:
            state, self._waiting, self._shown_at = self._waiting, None, now
            self._show(state)

    def looked_at(self, cancelled: Cancelled) -> Cancelled:
        """Return a function that says the same, and looks whenever it is asked."""

        def asked() -> bool:
            self.look()
            return cancelled()

        return asked


def follow(reader: RunReader, growth: Growth[Recording], cancelled: Cancelled) -> Recording:
    """Hand on what a recording's file has, and what comes, until its script has ended.

    A file that cannot be read any more ends it too; a note says so.
    """
    recording = reader.recording()
    growth.take(recording)
    try:
        while reader.running and not cancelled():
            time.sleep(POLL_SECONDS)
            if reader.refresh():
                growth.take(reader.recording())
            growth.look()
        reader.refresh()
        return reader.recording()
    except RunFileError as error:
        recording = reader.recording()
        return replace(recording, notes=(*recording.notes, str(error)))


def follow_ranks(folder: RankFolder, growth: Growth[SeenRun], cancelled: Cancelled) -> SeenRun:
    """Hand on what the recordings of a folder have, and what comes, until all ranks have ended.

    What is wrong between them is looked for each time, which in a long run takes a while.
    """
    state, took = _seen(folder)
    growth.take(state)
    looked, news = time.monotonic(), False
    try:
        while folder.running and not cancelled():
            time.sleep(POLL_SECONDS)
            news |= folder.refresh()
            since = time.monotonic() - looked
            # That nothing comes may be what is wrong.
            if since > max(SHARE * took, PACE_SECONDS if news else WAITED_SECONDS):
                state, took = _seen(folder)
                growth.take(state)
                looked, news = time.monotonic(), False
            growth.look()
        folder.refresh()
        return _seen(folder)[0]
    except RunFileError as error:
        run = state.run
        return state._replace(run=replace(run, notes=(*run.notes, str(error))))


def _seen(folder: RankFolder) -> tuple[SeenRun, float]:
    """What there is of a run, and how long it took to look for what is wrong with it."""
    began, run = time.monotonic(), folder.run()
    return SeenRun(run, faults(run, time.time())), time.monotonic() - began
