"""The session's file: which it is, whether it is this program's to write, and writing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.sessions.lock import Lock, SessionBusyError
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

    def open(self, path: Path) -> tuple[Session, str]:
        """What a file holds, and a word of warning or none; raises SessionError."""
        session = load(path)
        try:
            self.claim(path)
        except SessionBusyError as busy:
            return session, str(busy)
        return session, ""

    def claim(self, path: Path) -> None:
        """Make a file this program's own; raises SessionError where another one has it."""
        if path != self.path:
            lock = Lock(path)
            self.release()
            self._lock, self.path = lock, path

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
        self._lock = None


@dataclass(frozen=True, slots=True, eq=False)
class Resumed:
    """A session that the app starts with."""

    session: Session
    keeper: Keeper
    warning: str
    """Such as that another program has the file open; empty mostly."""


def resumed(path: Path, *, named: bool) -> Resumed:
    """Open a session before there is an app; raises SessionError.

    A file that was not named is the autosave, which is left to whoever quits next.
    """
    keeper = Keeper()
    if not named:
        return Resumed(load(path), keeper, "")
    session, warning = keeper.open(path)
    return Resumed(session, keeper, warning)
