"""What the app is opened on where the options say so: a script, a recording, a saved session."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from engine.ranks.rank_folder import RankFolder
from engine.recording.file.frame_reader import FrameReader
from engine.script.frames.source_file import SourceError
from engine.script.process.subprocess_recorder import BegunScript
from tui.cli.options.targets import Target
from tui.cli.scripts.recording_file import kept
from tui.cli.start.resume import resumed
from tui.script.subject import SavedRun, Script, Start
from tui.session.resumed import Resumed


class OpenedOn(NamedTuple):
    """What the app begins with."""

    subject: Start | None
    session: Resumed | None
    begun: BegunScript | None
    """The process of a script, which has been started."""


@contextmanager
def opened_on(options: Namespace) -> Iterator[OpenedOn]:
    """What the options name; while entered, the file that a recording is to be kept in is theirs.

    Raises UsageError, SourceError or RunFileError where that cannot be.
    """
    path = getattr(options, "resume", None)
    session = None if path is None else resumed(Path(path) if path else None)
    with kept(getattr(options, "output", None)):
        subject = subject_of(options)
        begun = _begun(subject)
        try:
            yield OpenedOn(subject, session, begun)
        finally:
            if begun is not None:
                begun.close()


def subject_of(options: Namespace) -> Start | None:
    """The script or recording of `inspect`; without a command the lesson, where one is named."""
    source: Target | None = getattr(options, "source", None)
    if source is None:
        lesson: Start | None = getattr(options, "lesson", None)
        return lesson
    if source.kind == "recording":
        # Each says in one line what cannot be read.
        (RankFolder if source.is_folder else FrameReader)(source.path).close()
        return SavedRun(source.path, options.number)
    return Script(
        source.path,
        tuple(options.own),
        options.tensor,
        module=source.kind == "module",
        plan=options.plan,
        keep=options.output,
    )


def _begun(subject: Start | None) -> BegunScript | None:
    """A script's process: it imports torch while the app draws its first frame.

    None for what is no script, and for one that cannot be read, of which the app says why.
    """
    if isinstance(subject, Script):
        with suppress(SourceError, OSError):
            return BegunScript(subject.call, subject.plan, keep=subject.keep)
    return None
