"""`linreg-tui` and `linreg-tui inspect`: the app, where there is a terminal for it."""

from __future__ import annotations

import gc
import os
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from engine.data.source import STDIN, Table
from tui.cli.options.training_options import problem
from tui.config.config_file import SETTINGS
from tui.config.errors import UsageError
from tui.config.terminal import UNKNOWN, is_web

if TYPE_CHECKING:
    from engine.script.process.subprocess_recorder import BegunScript
    from engine.training.problem import Problem
    from tui.app.app import LinregApp
    from tui.graph.subjects.loader import Recorders
    from tui.script.subject import Start
    from tui.session.resumed import Resumed

NAMED = ("source", "resume", "output")
"""Options with which the app opens on something else than a lesson."""
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
    if all(getattr(options, name, None) is None for name in NAMED):
        return _opened(described, options, options.lesson)
    # Late: scripts, recordings and sessions, of which most starts have none.
    from tui.cli.start.opened_on import opened_on

    with opened_on(options) as (subject, session, begun):
        return _opened(described, options, subject, session, begun)


def _opened(
    described: Problem,
    options: Namespace,
    subject: Start | None,
    session: Resumed | None = None,
    begun: BegunScript | None = None,
) -> int:
    # Late: Textual takes most of the start, and is not needed to refuse.
    from tui.app.app import LinregApp
    from tui.config.settings import settings_here

    flags = {setting.key: getattr(options, setting.key) for setting in SETTINGS}
    settings = settings_here(options.config, flags)

    def recorders() -> Recorders:
        from tui.graph.subjects.started_ahead import (
            recorders,  # late: asked for behind the first frame
        )

        return recorders(subject, begun)

    trained = subject is None and (session is not None or isinstance(described.source, Table))
    tab = "train" if trained else "graph"
    app = LinregApp(described, subject, settings, session, recorders, tab=tab)
    return _run(app, settings.mouse)


def _run(app: LinregApp, mouse: bool) -> int:
    if sys.platform != "win32":
        # Late: termios and signals that Windows lacks.
        from tui.process import guard

        guard.run(app, mouse=mouse)
    app.run(mouse=mouse)
    return app.return_code or 0


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
