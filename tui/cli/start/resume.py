"""Opening a saved session before there is an app: its data are read with progress on stderr."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from engine.sessions.session import SessionError
from engine.sessions.storage import autosave_path, load
from tui.cli.options.data_options import read_again
from tui.config.errors import UsageError
from tui.session.resumed import Resumed

_NOTHING = "no session was kept on quitting so far; --resume FILE opens one that was saved"


def resumed(path: Path | None) -> Resumed:
    """Load a session, the autosave where `path` is None, and the data of its current branch.

    Raises UsageError where the session cannot be read. Without its data it can be looked at.
    """
    if path is None and not autosave_path().exists():
        raise UsageError(_NOTHING)
    try:
        session = load(path or autosave_path())
    except SessionError as error:
        raise UsageError(str(error)) from None
    with suppress(UsageError):  # the app says why, and asks for the file
        read_again(session.experiment.branch.run.problem)
    return Resumed(session, path)
