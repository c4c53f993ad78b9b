"""Recording what is opened in the Graph tab: a lesson, a file of the user's, or a live tensor."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from textual.dom import DOMNode
from textual.message import Message
from textual.worker import get_current_worker

from engine.lessons import find
from engine.recording.records import Recording
from engine.script.source_file import SourceError, read_source
from engine.script.subprocess_recorder import record_isolated
from tui.graph.messages import ScriptBegun, ScriptRecorded, ScriptRefused
from tui.script import position
from tui.script.position import Position
from tui.script.subject import LiveTensor, Script, Subject, rehearsed

Cancelled = Callable[[], bool]
"""Asked between lines: whether the recording is to end."""
Work = Callable[[Cancelled], None]
"""What runs in a thread; it is given a function that says whether the thread is cancelled."""


class LessonRecorder(Protocol):
    """Executes a Python file line by line in this process."""

    def __call__(self, path: Path, /, *, cancelled: Cancelled) -> Recording:
        """Record the file; raises SourceError where it cannot be read."""


class FileRecorder(Protocol):
    """Executes a Python file line by line, with arguments for its `sys.argv`."""

    def __call__(
        self, path: Path, /, *, arguments: Sequence[str], cancelled: Cancelled
    ) -> Recording:
        """Record the file; raises SourceError where it cannot be read."""


def record_lesson(path: Path, /, *, cancelled: Cancelled) -> Recording:
    """Record a lesson's file in this process; raises SourceError where it cannot be read."""
    from engine.script.recorder import record  # imports torch

    return record(path, cancelled=cancelled)


@dataclass(frozen=True, slots=True)
class Recorders:
    """The functions that record: lessons in this process, files in a process of their own."""

    lesson: LessonRecorder = record_lesson
    file: FileRecorder = record_isolated


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

    `post` takes ScriptBegun, ScriptRecorded and ScriptRefused, from any thread; `start` runs a
    function in a thread. Only what was opened last is worth showing: the messages name its key.
    """

    def __init__(
        self,
        post: Callable[[Message], object],
        start: Callable[[Work], object],
        recorders: Recorders | None = None,
    ) -> None:
        self._post, self._start = post, start
        self._recorders = recorders or Recorders()
        self._subjects: dict[str, Subject] = {}
        self._cancel = threading.Event()

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
        return not isinstance(self.subject(key), Script)

    def record(self, key: str) -> None:
        """Cancel what is recorded, and record a lesson or a subject in a thread."""
        self.cancel()
        cancel = self._cancel = threading.Event()
        self._start(lambda cancelled: self._run(key, lambda: cancel.is_set() or cancelled()))

    def cancel(self) -> None:
        """End the recording that goes on; what it has so far is posted."""
        self._cancel.set()

    def first_position(self, key: str, recording: Recording) -> Position:
        """Return where to begin: lessons at their first line, others where a graph is shown."""
        subject = self.subject(key)
        if isinstance(subject, LiveTensor):
            return Position(1)
        if isinstance(subject, Script):
            return position.subject(recording, subject.tensor)
        return Position()

    def _run(self, key: str, cancelled: Cancelled) -> None:
        try:
            self._post(ScriptRecorded(key, self._recording(key, cancelled)))
        except SourceError as error:
            self._post(ScriptRefused(key, str(error)))

    def _recording(self, key: str, cancelled: Cancelled) -> Recording:
        lesson, subject = find(key), self.subject(key)
        if isinstance(subject, LiveTensor):
            return rehearsed(subject)
        if lesson is not None:
            return self._recorders.lesson(lesson.path, cancelled=cancelled)
        if subject is None:
            raise LookupError(f"nothing to record has the key {key!r}")
        self._post(ScriptBegun(key, read_source(subject.path)))
        return self._recorders.file(subject.path, arguments=subject.arguments, cancelled=cancelled)
