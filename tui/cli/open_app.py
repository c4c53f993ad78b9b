"""`linreg-tui` and `linreg-tui inspect`: the app, where there is a terminal for it."""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace
from pathlib import Path

from tui.cli.options import problem
from tui.cli.resume import resumed
from tui.config.config_file import SETTINGS
from tui.config.errors import UsageError
from tui.config.terminal import UNKNOWN
from tui.script.subject import Script

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
    os.environ.pop("COLUMNS", None)
    os.environ.pop("LINES", None)
    # Late: Textual takes most of the start, and is not needed to refuse.
    from tui.app.app import LinregApp
    from tui.config.settings import settings_here

    flags = {setting.key: getattr(options, setting.key) for setting in SETTINGS}
    settings = settings_here(options.config, flags)
    path = getattr(options, "resume", None)
    session = None if path is None else resumed(Path(path) if path else None)
    app = LinregApp(described, _subject(options), settings, session)
    if sys.platform != "win32":
        # Late: termios and signals that Windows lacks.
        from tui.process import guard

        guard.run(app, mouse=settings.mouse)
    app.run(mouse=settings.mouse)
    return app.return_code or 0


def _subject(options: Namespace) -> Script | None:
    """The script of `inspect`; None without a command."""
    if not hasattr(options, "file"):
        return None
    return Script(options.file, tuple(options.own), options.tensor)


def _check_streams(options: Namespace) -> None:
    """Raise UsageError where the app could not draw, or could not read keys."""
    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    if not all(stream and stream.isatty() for stream in streams):
        raise UsageError(f"the app needs a terminal; without one: {HEADLESS}")
    term = os.environ.get("TERM", "")
    if os.name == "posix" and term in UNKNOWN:
        raise UsageError(f"the app cannot draw where TERM is {term!r}; use {HEADLESS}")
    if options.data == STDIN:
        raise UsageError(f"the app reads its keys from standard input; use {HEADLESS}")
