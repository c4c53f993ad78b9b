"""Recording what is opened in the Graph tab, or reading it: a lesson or anything of the user's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from textual.dom import DOMNode
from textual.message import Message
from textual.worker import get_current_worker

from engine.lessons import find
from engine.ranks.rank_folder import RankFolder
from engine.recording.file.frames import RunFileError
from engine.recording.file.run_reader import RunReader
from engine.recording.pass_table import PassTable
from engine.recording.records import Recording
from engine.script.frames.source_file import SourceError
from engine.script.interventions import Change
from engine.script.process.subprocess_recorder import record_isolated
from tui.graph.messages import (
    RanksGrown,
    RanksRecorded,
    ScriptBegun,
    ScriptGrown,
    ScriptRecorded,
    ScriptRefused,
)
from tui.graph.subjects.growth import Cancelled, Grown, Growth, ScriptRecorder, follow, follow_ranks
from tui.graph.subjects.replay_thread import Replay
from tui.script import position
from tui.script.position import Position
from tui.script.rank_lens import SeenRun
from tui.script.subject import LiveTensor, SavedRun, Script, Subject, rehearsed
from tui.script.windows import nearest

Post = Callable[[Message], object]
"""Takes messages, from any thread."""
Work = Callable[[Cancelled], object]
"""What runs in a thread; it is given a function that says whether the thread is cancelled."""


class LessonRecorder(Protocol):
    """Executes a Python file line by line in this process."""

    def __call__(
        self, path: Path, /, *, cancelled: Cancelled, change: Change | None = None
    ) -> Recording:
        """Record the file, with a change of its numbers; raises SourceError if it has none."""


def record_lesson(
    path: Path,
    /,
    *,
    cancelled: Cancelled,
    source: str | None = None,
    change: Change | None = None,
) -> Recording:
    """Record a lesson's file, or a `source` in its place, in this process.

    A `change` is made in its numbers. Raises SourceError where it cannot be read.
    """
    from engine.script.recorder import record  # imports torch

    return record(path, cancelled=cancelled, source=source, change=change)


def record_script(
    script: Script,
    /,
    *,
    cancelled: Cancelled,
    grown: Grown,
    isolated: Callable[..., Recording] = record_isolated,
) -> Recording:
    """Record a script in a process of its own; raises SourceError or RunFileError."""
    return isolated(
        script.path,
        arguments=script.arguments,
        plan=script.plan,
        cancelled=cancelled,
        grown=grown,
        module=script.module,
        keep=script.keep,
        source=script.source,
        change=script.change,
    )


@dataclass(frozen=True, slots=True)
class Recorders:
    """The functions that record: lessons in this process, scripts in a process of their own."""

    lesson: LessonRecorder = record_lesson
    script: ScriptRecorder = record_script
    get_ready: Callable[[], object] = bool
    """Told that a script is likely to be recorded soon; may take its time."""
    close: Callable[[], object] = bool
    """Told that none will be recorded any more."""


def threads_of(node: DOMNode) -> Callable[[Work], object]:
    """Return a function that runs work in threads, which are cancelled when the node goes."""

    def start(work: Work) -> object:
        def run() -> None:
            worker = get_current_worker()
            work(lambda: worker.is_cancelled)

        return node.run_worker(run, thread=True, group="recording")

    return start


class Loader:
    """Knows the user's own subjects by key, and records one subject after the other.

    `post` takes messages about what is recorded, from any thread; `start` runs a function in a
    thread. Only what was opened last is worth showing: the messages name its key.
    """

    def __init__(
        self,
        post: Post,
        start: Callable[[Work], object],
        recorders: Recorders | None = None,
    ) -> None:
        self._post, self._start = post, start
        self._recorders = recorders or Recorders()
        self._subjects: dict[str, Subject] = {}
        self._cancel = threading.Event()
        self._serial = 0
        """How often something was recorded: what an earlier one still posts is dropped."""
        self._reader: RunReader | RankFolder | None = None
        """Of the recording in a file, or of those in a folder, that was opened last."""

    def add(self, subject: Subject) -> None:
        """Keep a subject of the user's own, to be found by its key."""
        self._subjects[subject.key] = subject

    def subject(self, key: str) -> Subject | None:
        """Return the user's own subject of a key; None where the key is a lesson's."""
        return self._subjects.get(key)

    def title(self, key: str) -> str:
        """Return a title for a heading; it may hold control characters."""
        lesson, subject = find(key), self.subject(key)
        return lesson.title if lesson else subject.title if subject else key

    def needs_torch(self, key: str) -> bool:
        """Whether recording a key takes torch in this process; files have their own."""
        return not isinstance(self.subject(key), Script | SavedRun)

    def record(self, key: str) -> None:
        """Drop what is recorded, and record a lesson or a subject in a thread."""
        self.drop()
        cancel = self._cancel = threading.Event()
        post = self._poster()
        self._start(lambda cancelled: self._run(key, post, lambda: cancel.is_set() or cancelled()))

    def get_ready(self) -> None:
        """Prepare in a thread for a script that is likely to be recorded soon."""
        self._start(lambda _: self._recorders.get_ready())

    def close(self) -> None:
        """Prepare for none any more."""
        self._recorders.close()

    def cancel(self) -> None:
        """End the recording that goes on; what it has so far is posted."""
        self._cancel.set()

    def drop(self) -> None:
        """End the recording that goes on; nothing more of it is posted."""
        self.cancel()
        self._serial += 1

    def release(self) -> None:
        """Close the file of a recording that nobody looks at any more."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def first_position(self, key: str, recording: Recording) -> Position:
        """Return where to begin: lessons at their first line, others where a graph is shown."""
        subject = self.subject(key)
        if isinstance(subject, LiveTensor):
            return Position(1)
        if isinstance(subject, SavedRun) and subject.pass_number is not None:
            window = nearest(recording, subject.pass_number)
            if window is not None:
                return position.in_pass(recording, window.number)
        if isinstance(subject, Script | SavedRun):
            tensor = subject.tensor if isinstance(subject, Script) else None
            return position.subject(recording, tensor)
        return Position()

    def head(self) -> Mapping[str, Any]:
        """Return what the file of a recording says of its script; empty without such a file."""
        return self._reader.head if isinstance(self._reader, RunReader) else {}

    def replay(self, script: Script, number: int, then: PassTable) -> None:
        """Cancel what is recorded, and run a script again for a pass in a thread.

        Its passes are compared with those of the run before.
        """
        replay = Replay(script, number, then, self._poster())
        self.run_again(lambda recorders, cancelled: replay.run(recorders.script, cancelled))

    def run_again(self, work: Callable[[Recorders, Cancelled], None]) -> None:
        """Cancel what is recorded, and give a function in a thread what records."""
        self.cancel()
        cancel = self._cancel = threading.Event()
        recorders = self._recorders
        self._start(lambda cancelled: work(recorders, lambda: cancel.is_set() or cancelled()))

    def _poster(self) -> Post:
        """Return what posts as long as nothing else is recorded."""
        serial = self._serial

        def post(message: Message) -> object:
            return self._post(message) if serial == self._serial else None

        return post

    def _run(self, key: str, post: Post, cancelled: Cancelled) -> None:
        subject = self.subject(key)
        try:
            if isinstance(subject, SavedRun) and subject.has_ranks:
                post(RanksRecorded(key, self._ranks(subject, post, cancelled)))
            else:
                recording = self._recording(key, post, cancelled)
                post(ScriptRecorded(key, self._read(key, recording)))
        except (SourceError, RunFileError) as error:
            post(ScriptRefused(key, str(error)))

    def _recording(self, key: str, post: Post, cancelled: Cancelled) -> Recording:
        lesson, subject = find(key), self.subject(key)
        if isinstance(subject, LiveTensor):
            return rehearsed(subject)
        if lesson is not None:
            return self._recorders.lesson(lesson.path, cancelled=cancelled)
        if subject is None:
            raise LookupError(f"nothing to record has the key {key!r}")
        growth = Growth[Recording](lambda run: post(ScriptGrown(key, self._read(key, run))))
        if isinstance(subject, SavedRun):
            return self._saved(subject, growth, cancelled)
        post(ScriptBegun(key, subject.text()))
        return self._recorders.script(
            subject,
            cancelled=growth.looked_at(cancelled),
            grown=lambda run: growth.take(run, at_once=run.ending != "running"),
        )

    def _read(self, key: str, recording: Recording) -> Recording:
        """Read from the recording's file what is shown first: the UI thread is not to wait."""
        first = self.first_position(key, recording)
        position.graph_at(recording, first)
        position.pass_at(recording, first)
        return recording

    def _ranks(self, subject: SavedRun, post: Post, cancelled: Cancelled) -> SeenRun:
        folder = RankFolder(subject.path)
        if not cancelled():
            self._reader = folder
        growth = Growth[SeenRun](lambda seen: post(RanksGrown(subject.key, seen)))
        return follow_ranks(folder, growth, cancelled)

    def _saved(
        self, subject: SavedRun, growth: Growth[Recording], cancelled: Cancelled
    ) -> Recording:
        reader = RunReader(subject.path)
        if not cancelled():
            self._reader = reader
        return follow(reader, growth, cancelled)
