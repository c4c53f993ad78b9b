"""Messages that the widgets and the recording thread of the Graph tab post to its pane."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from engine.recording.records import Recording
from tui.script.rank_lens import SeenRun


@dataclass
class RecordingMessage(Message):
    """Posted by a thread that records; takes the key of what it records."""

    key: str


@dataclass
class ScriptRecorded(RecordingMessage):
    """Posted by the recording thread when a lesson or a subject has been recorded."""

    recording: Recording


@dataclass
class ScriptGrown(RecordingMessage):
    """Posted by the recording thread with what there is of a recording up to now."""

    recording: Recording

    def can_replace(self, message: Message) -> bool:
        """Replace an earlier state of the same recording: a later one has all of it."""
        return isinstance(message, ScriptGrown) and message.key == self.key


@dataclass
class RanksRecorded(RecordingMessage):
    """Posted by the recording thread when all ranks of a run have ended."""

    seen: SeenRun


@dataclass
class RanksGrown(RecordingMessage):
    """Posted by the recording thread with what the ranks of a run have recorded up to now."""

    seen: SeenRun

    def can_replace(self, message: Message) -> bool:
        """Replace an earlier state of the same run: a later one has all of it."""
        return isinstance(message, RanksGrown) and message.key == self.key


@dataclass
class ReplayAdvanced(RecordingMessage):
    """Posted by the recording thread while a script runs again, with how many passes have run."""

    passes: int

    def can_replace(self, message: Message) -> bool:
        """Replace an earlier count of the same script's passes."""
        return isinstance(message, ReplayAdvanced) and message.key == self.key


@dataclass
class PassReplayed(RecordingMessage):
    """Posted by the recording thread when a script that runs again has come to a pass."""

    recording: Recording
    number: int
    verdict: str
    """Whether it is the same run, in one sentence."""
    same: bool


@dataclass
class ReplayFailed(RecordingMessage):
    """Posted by the recording thread when the script has ended without that pass."""

    reason: str


@dataclass
class ScriptBegun(RecordingMessage):
    """Posted by the recording thread when a file begins to run, with its source text."""

    source: str


@dataclass
class ScriptRefused(RecordingMessage):
    """Posted by the recording thread when a file cannot be read, with the reason."""

    reason: str


@dataclass
class RunAsked(Message):
    """Posted by the editor when its text is to be run."""

    text: str


@dataclass
class EditorLeft(Message):
    """Posted by the editor when it is left, with the text as it is."""

    text: str
