"""Opening something in the Graph tab: a lesson, a file, a live tensor, or the shared run."""

from __future__ import annotations

import threading

from textual import on, work
from textual.reactive import var
from textual.worker import get_current_worker

from engine.lessons import LESSONS, find
from engine.script.records import Recording
from engine.script.source_file import SourceError, read_source
from engine.script.subprocess_recorder import record_isolated
from tui.graph.lesson_list import OPEN_FILE, YOUR_RUN, LessonList
from tui.graph.messages import LessonChosen, ScriptBegun, ScriptRecorded, ScriptRefused
from tui.kit.file_prompt import file_path
from tui.kit.paragraphs import Paragraph
from tui.kit.prompt import PromptScreen
from tui.kit.tab_pane import Pane
from tui.run.iteration import Inside
from tui.script import position
from tui.script.advice import refusal
from tui.script.position import Position
from tui.script.subject import LiveTensor, Script, Subject, rehearsed


class Opening(Pane):
    """Owns a recording and the place in it; those that derive from it move and show."""

    recording: var[Recording | None] = var(None)
    place: var[Position] = var(Position())
    lesson: var[str] = var(LESSONS[1].key)
    """The key of what is open."""
    inside: var[Inside | None] = var(None)
    """The shared run's iteration; shown where the lesson is `YOUR_RUN`."""
    ready: var[bool] = var(False)
    """Whether torch is there."""
    awaited: var[str] = var("")
    """The source that is being recorded; empty where none is."""
    refused: var[tuple[Paragraph, ...]] = var(())
    """Why the last file could not be opened."""

    def __init__(self, subject: Subject | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._subjects: dict[str, Subject] = {}
        self._cancel = threading.Event()
        if subject is not None:
            self._subjects[subject.key] = subject
            self.set_reactive(Opening.lesson, subject.key)

    @property
    def title(self) -> str:
        """Of what is open; not yet safe to show."""
        lesson, subject = find(self.lesson), self._subjects.get(self.lesson)
        return lesson.title if lesson else subject.title if subject else self.lesson

    @property
    def subject(self) -> Subject | None:
        """What is open, where it is the user's own."""
        return self._subjects.get(self.lesson)

    def begin(self) -> None:
        """Run what is open if it is a file: that needs no torch but its own."""
        if isinstance(self.subject, Script):
            self.open(self.lesson)

    def watch_ready(self, ready: bool) -> None:
        """Run what is open as soon as torch is there, if it has waited for that."""
        if ready and not isinstance(self.subject, Script):
            self.open(self.lesson)

    def watch_inside(self) -> None:
        """The shared run moved."""
        if self.lesson == YOUR_RUN:
            self._take_run()

    def open(self, key: str) -> None:
        """Run a lesson or a file, or show the shared run."""
        self.cancel()
        self.lesson, self.refused = key, ()
        lessons = self.query_one(LessonList)
        if self.subject is not None:
            lessons.add(key, self.subject.title)
        lessons.mark(key)
        if key == YOUR_RUN:
            self._take_run()
        elif self.ready or isinstance(self.subject, Script):
            self._cancel = threading.Event()
            self._record(key, self.subject, self._cancel)

    def open_subject(self, subject: Subject) -> None:
        """Open something of the user's own."""
        self._subjects[subject.key] = subject
        self.open(subject.key)

    def cancel(self) -> bool:
        """Stop recording, keeping what there is; whether anything was recorded."""
        self._cancel.set()
        return bool(self.awaited)

    def action_lessons(self) -> None:
        """To the list of lessons, and back."""
        if self.has_class("-choosing"):
            self.focus()
        else:
            self.add_class("-choosing")
            self.query_one(LessonList).focus()

    @work
    async def action_open_file(self) -> None:
        """Ask for a path."""
        prompt = PromptScreen("open a file", "path of a Python file", _source)
        path = await self.app.push_screen_wait(prompt)
        if path:
            self.open_subject(Script(file_path(path)))

    def on_descendant_blur(self) -> None:
        """The list of lessons folds away when it is left."""
        self.remove_class("-choosing")

    @on(LessonChosen)
    def _choose_lesson(self, message: LessonChosen) -> None:
        message.stop()
        self.focus()
        if message.key == OPEN_FILE:
            self.query_one(LessonList).mark(self.lesson)
            self.action_open_file()
        else:
            self.open(message.key)

    @on(ScriptRecorded)
    def _take_recording(self, message: ScriptRecorded) -> None:
        message.stop()
        if message.key == self.lesson:
            self.awaited = ""
            self.set_reactive(Opening.place, self._first_place(message.recording))
            self.recording = message.recording

    @on(ScriptBegun)
    def _await_recording(self, message: ScriptBegun) -> None:
        message.stop()
        if message.key == self.lesson:
            self.awaited = message.source

    @on(ScriptRefused)
    def _refuse(self, message: ScriptRefused) -> None:
        message.stop()
        if message.key == self.lesson:
            self.awaited = ""
            self.refused = refusal(message.reason)

    @work(thread=True, group="recording")
    def _record(self, key: str, subject: Subject | None, cancel: threading.Event) -> None:
        worker = get_current_worker()

        def cancelled() -> bool:
            return cancel.is_set() or worker.is_cancelled

        lesson = find(key)
        try:
            if isinstance(subject, LiveTensor):
                recording = rehearsed(subject)
            elif lesson is not None:
                from engine.script.recorder import record

                recording = record(lesson.path, cancelled=cancelled)
            else:
                assert subject is not None

                self.post_message(ScriptBegun(key, read_source(subject.path)))
                recording = record_isolated(
                    subject.path, arguments=subject.arguments, cancelled=cancelled
                )
            self.post_message(ScriptRecorded(key, recording))
        except SourceError as error:
            self.post_message(ScriptRefused(key, str(error)))

    def _first_place(self, recording: Recording) -> Position:
        """Lessons begin at their beginning, the user's own where there is most to see."""
        if isinstance(self.subject, LiveTensor):
            return Position(1)
        if isinstance(self.subject, Script):
            return position.subject(recording, self.subject.tensor)
        return Position()

    def _take_run(self) -> None:
        if self.inside is not None:
            if self.recording is self.inside.dissection.recording:
                self.place = self.inside.place
            else:
                self.set_reactive(Opening.place, self.inside.place)
                self.recording = self.inside.dissection.recording


def _source(text: str) -> str:
    """The text of the file at a path, as typed; raises SourceError, which is a ValueError."""
    return read_source(file_path(text))
