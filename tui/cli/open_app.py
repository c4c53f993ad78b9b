"""`linreg-tui` and `linreg-tui inspect`: the app, where there is a terminal for it."""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.lessons import Lesson
from engine.ranks.rank_folder import RankFolder
from engine.recording.frame_reader import FrameReader
from engine.script.source_file import SourceError
from engine.script.subprocess_recorder import BegunScript
from tui.cli.options import problem
from tui.cli.recording_file import kept
from tui.cli.resume import resumed
from tui.cli.targets import Target
from tui.config.config_file import SETTINGS
from tui.config.errors import UsageError
from tui.config.terminal import UNKNOWN, is_web
from tui.script.subject import SavedRun, Script, Start

if TYPE_CHECKING:
    from tui.app.app import LinregApp

STDIN = "-"
"""The name of standard input as a file of data."""
HEADLESS = "linreg-tui train, linreg-tui graph, linreg-tui lessons"
"""Commands that the complaint about a missing terminal suggests."""


def run(options: Namespace) -> int:
    """Open the app on the options of "" or `inspect`; returns its exit code, raises UsageError."""
    _check_streams(options)
    described = problem(options)
    # Until torch is there nothing of what is made can go away, and looking for it takes time.
    gc.disable()
    # Textual would believe these for ever and take no notice of the terminal's new size.
    if not is_web(os.environ):
        os.environ.pop("COLUMNS", None)
        os.environ.pop("LINES", None)
    path = getattr(options, "resume", None)
    session = None if path is None else resumed(Path(path) if path else None)
    with kept(getattr(options, "output", None)), _begun(_subject(options)) as (subject, begun):
        # Late: Textual takes most of the start, and is not needed to refuse.
        from tui.app.app import LinregApp
        from tui.config.settings import settings_here
        from tui.graph.begun_ahead import recorders

        flags = {setting.key: getattr(options, setting.key) for setting in SETTINGS}
        settings = settings_here(options.config, flags)
        ways = recorders(subject, begun)
        return _opened(LinregApp(described, subject, settings, session, ways), settings.mouse)


@contextmanager
def _begun(subject: Start | None) -> Iterator[tuple[Start | None, BegunScript | None]]:
    """A script's process: it imports torch while the app draws its first frame.

    None for what is no script, and for one that cannot be read, of which the app says why.
    """
    begun = None
    if isinstance(subject, Script):
        with suppress(SourceError, OSError):
            begun = BegunScript(subject.call, subject.plan, keep=subject.keep)
    try:
        yield subject, begun
    finally:
        if begun is not None:
            begun.close()


def _opened(app: LinregApp, mouse: bool) -> int:
    if sys.platform != "win32":
        # Late: termios and signals that Windows lacks.
        from tui.process import guard

        guard.run(app, mouse=mouse)
    app.run(mouse=mouse)
    return app.return_code or 0


def _subject(options: Namespace) -> Start | None:
    """The script or recording of `inspect`; without a command the lesson, where one is named."""
    source: Target | None = getattr(options, "source", None)
    lesson: Lesson | None = getattr(options, "lesson", None)
    if source is None:
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


def _check_streams(options: Namespace) -> None:
    """Raise UsageError where the app could not draw, or could not read keys."""
    if is_web(os.environ):
        return
    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    if not all(stream and stream.isatty() for stream in streams):
        raise UsageError(f"the app needs a terminal; without one: {HEADLESS}")
    term = os.environ.get("TERM", "")
    if os.name == "posix" and term in UNKNOWN:
        raise UsageError(f"the app cannot draw where TERM is {term!r}; use {HEADLESS}")
    if options.data == STDIN:
        raise UsageError(f"the app reads its keys from standard input; use {HEADLESS}")
