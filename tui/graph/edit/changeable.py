"""What of all that can be opened can be changed, and the text of it."""

from __future__ import annotations

from dataclasses import replace

from engine.lessons import find
from engine.recording.pass_plan import Plan
from engine.recording.records import Recording
from engine.script.frames.source_file import SourceError
from tui.graph.subjects.lesson_list import YOUR_RUN
from tui.script.subject import SavedRun, Script, Subject

EVERY_PASS = Plan(every=1)
"""Lessons are short: every pass of them has lines."""


def version_of(key: str, subject: Subject | None) -> Script | None:
    """Return what runs a version of a lesson or a subject, yet without text; None: nothing can."""
    lesson = find(key)
    if lesson is not None:
        return Script(lesson.path, plan=EVERY_PASS, source="")
    return replace(subject, source="", keep=None) if isinstance(subject, Script) else None


def recorded(script: Script, recording: Recording | None) -> bool:
    """Return whether a recording is of a script, not of what was open before and is still shown."""
    if recording is None:
        return False
    if script.module:
        return recording.name.removesuffix(".__main__") == str(script.path)
    return recording.name == script.path.name


def text_of(key: str, subject: Subject | None, recording: Recording | None) -> str:
    """Return the text that is changed, as it was recorded; raises ValueError with one line."""
    if key == YOUR_RUN:
        raise ValueError("the run is changed on the Train tab: p there")
    if isinstance(subject, SavedRun):
        raise ValueError("a recording cannot be changed: open its script")
    script = version_of(key, subject)
    if script is None:
        raise ValueError("a live tensor has no text to be changed")
    if recording is not None and recorded(script, recording):
        return recording.source
    try:
        return replace(script, source=None).text()
    except SourceError as error:
        raise ValueError(str(error)) from None
