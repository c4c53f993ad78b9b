"""The session's file: which it is, whether it is this program's to write, and writing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.sessions.lock import Lock
from engine.sessions.session import Session, SessionError
from engine.sessions.storage import autosave_path, load, save

if TYPE_CHECKING:
    from pathlib import Path


class Keeper:
    """Owned by the app. A file that another program has open is read and not written."""

    def __init__(self) -> None:
        self.path: Path | None = None
        """The file that was named; None: only the autosave."""
        self._lock: Lock | None = None

    def claim(self, path: Path) -> None:
        """Make a file this program's own; raises SessionError where another one has it."""
        if path != self.path:
            lock = Lock(path)
            self.release()
            self._lock, self.path = lock, path

    def take(self, path: Path | None) -> None:
        """Go on with the session from a file, None for the autosave; raises SessionError.

        Then it can be read only, and what was this program's own file before is no longer.
        """
        try:
            if path is not None:
                self.claim(path)
        finally:
            if self.path != path:
                self.release()

    def save(self, session: Session, path: Path | None = None) -> Path:
        """Write the session where it belongs, or to another file from now on."""
        if path is not None:
            self.claim(path)
        if self.path is None:
            raise SessionError("not saved: no file has been named")
        save(self.path, session)
        return self.path

    def autosave(self, session: Session) -> Path:
        """Write it on the way out: to its own file, or the user's state directory."""
        path = self.path or autosave_path()
        save(path, session)
        return path

    def release(self) -> None:
        """Let other programs have the file."""
        if self._lock is not None:
            self._lock.release()
        self._lock, self.path = None, None


@dataclass(frozen=True, slots=True, eq=False)
class Resumed:
    """A session that the app starts with."""

    session: Session
    path: Path | None
    """Its file; None for the autosave, which is left to whoever quits next."""


def resumed(path: Path | None) -> Resumed:
    """Open a session, the autosave where none is named, before there is an app.

    Reads the data of its current branch, with progress on stderr. Raises SessionError, and
    UsageError where the data cannot be read.
    """
    from tui.headless.data import read_again

    session = load(path or autosave_path())
    read_again(session.experiment.branch.run.problem)
    return Resumed(session, path)
