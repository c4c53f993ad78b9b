"""A script that runs again for the lines of one pass, in a thread."""

from __future__ import annotations

from collections.abc import Callable

from textual.message import Message

from engine.recording.file.frames import RunFileError
from engine.recording.pass_table import PassTable
from engine.recording.records import Recording
from engine.script.frames.source_file import SourceError
from tui.graph.messages import (
    PassReplayed,
    ReplayAdvanced,
    ReplayFailed,
    ScriptGrown,
    ScriptRecorded,
)
from tui.graph.subjects.growth import Cancelled, Growth, ScriptRecorder
from tui.script.replay import verdict
from tui.script.subject import Script
from tui.script.windows import window_of


class Replay:
    """Posts how far the script has come; from its pass on, its recording as any other's."""

    def __init__(
        self, script: Script, number: int, then: PassTable, post: Callable[[Message], object]
    ) -> None:
        self._script, self._number, self._then, self._post = script, number, then, post
        self._there = False

    def run(self, record: ScriptRecorder, cancelled: Cancelled) -> None:
        """Run the script to its end, however it ends."""
        growth = Growth[Recording](self._show)
        key = self._script.key
        try:
            recording = record(
                self._script, cancelled=growth.looked_at(cancelled), grown=growth.take
            )
        except (SourceError, RunFileError) as error:
            self._post(ReplayFailed(key, str(error)))
            return
        if self._has_come(recording):
            self._post(ScriptRecorded(key, recording))
        elif not cancelled():
            ended = f"run again, the script ended before pass {self._number:,}"
            self._post(ReplayFailed(key, f"{ended}: {recording.error or recording.ending}"))

    def _show(self, recording: Recording) -> None:
        if self._has_come(recording):
            self._post(ScriptGrown(self._script.key, recording))
        else:
            self._post(ReplayAdvanced(self._script.key, recording.passes.count))

    def _has_come(self, recording: Recording) -> bool:
        """Whether the pass is there, and the scalars of those before it; says so the first time."""
        number = self._number
        if not self._there and recording.passes.count >= number and window_of(recording, number):
            self._there = True
            words, same = verdict(self._then, recording.passes, number)
            self._post(PassReplayed(self._script.key, recording, number, words, same))
        return self._there
