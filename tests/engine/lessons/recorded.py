"""The lessons, each recorded once."""

from __future__ import annotations

from functools import cache

from engine.lessons import find
from engine.recording.records import Recording
from engine.script.recorder import record


@cache
def run(key: str) -> Recording:
    """The recording of a lesson."""
    lesson = find(key)
    assert lesson is not None
    return record(lesson.path)
