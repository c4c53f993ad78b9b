"""What the widgets and the worker of the Graph tab tell its pane."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from engine.script.records import Recording


@dataclass
class ScriptRecorded(Message):
    """A lesson or a file has been run."""

    key: str
    recording: Recording


@dataclass
class ScriptBegun(Message):
    """A file is being run; its source is there."""

    key: str
    source: str


@dataclass
class ScriptRefused(Message):
    """A file could not be recorded."""

    key: str
    reason: str


@dataclass
class LessonChosen(Message):
    """Another lesson is wanted in the Graph tab."""

    key: str
