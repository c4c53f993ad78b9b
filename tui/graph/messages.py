"""Messages that the widgets and the recording thread of the Graph tab post to its pane."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from engine.recording.records import Recording


@dataclass
class ScriptRecorded(Message):
    """Posted by the recording thread when a lesson or a subject has been recorded."""

    key: str
    recording: Recording


@dataclass
class ScriptGrown(Message):
    """Posted by the recording thread with what there is of a recording up to now."""

    key: str
    recording: Recording

    def can_replace(self, message: Message) -> bool:
        """Each has all that the ones before it had."""
        return isinstance(message, ScriptGrown) and message.key == self.key


@dataclass
class ScriptBegun(Message):
    """Posted by the recording thread when a file begins to run, with its source text."""

    key: str
    source: str


@dataclass
class ScriptRefused(Message):
    """Posted by the recording thread when a file cannot be read, with the reason."""

    key: str
    reason: str


@dataclass
class LessonChosen(Message):
    """Posted by the list of lessons when one is chosen, with its key."""

    key: str
