"""The session's file: which it is, whether it is this program's to write, and writing it."""

from __future__ import annotations

from pathlib import Path

from engine.sessions.lock import Lock
from engine.sessions.session import Session, SessionError
from engine.sessions.storage import autosave_path, keep_aside, save
from engine.training.branches import Experiment


class SessionFile:
    """Owned by the app. A file that another program has open is read and not written."""

    def __init__(self) -> None:
        self.path: Path | None = None
        """The file that was named; None: only the autosave."""
        self._lock: Lock | None = None
        self._opened: Experiment | None = None

    def take(self, path: Path | None, opened: Experiment | None = None) -> None:
        """Go on with the session from a file, None for the autosave; raises SessionError.

        Then it can be read only, and what was this program's own file before is no longer.
        While the experiment is the one that was `opened`, there is nothing to save on the way out.
        """
        self._opened = opened
        if path != self.path:
            self.release()
            if path is not None:
                self._lock, self.path = Lock(path), path

    def save(self, session: Session, path: Path | None = None) -> Path:
        """Write the session where it belongs, or to another file from now on.

        Raises SessionError; then it belongs where it did before.
        """
        path = path or self.path
        if path is None:
            raise SessionError("not saved: no file has been named")
        lock = Lock(path) if path != self.path else None
        try:
            save(path, session)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        if lock is not None:
            self.release()
            self._lock, self.path = lock, path
        return path

    def autosave(self, session: Session) -> str:
        """Write it on the way out: to its own file, else to the user's state directory.

        Returns a line for the user where anything is not where he expects it; raises
        SessionError. An autosave that cannot be loaded is kept under another name.
        """
        said = ""
        if session.experiment is self._opened:
            return said
        if self.path is not None:
            try:
                save(self.path, session)
            except SessionError as error:
                said = f"{error}; kept all the same: go on with linreg-tui --resume"
            else:
                return ""
        if kept := keep_aside(autosave_path()):
            aside, why = kept
            said = "; ".join(filter(None, (said, f"{why}; it is kept as {aside}")))
        save(autosave_path(), session, private=True)
        return said

    def release(self) -> None:
        """Let other programs have the file."""
        if self._lock is not None:
            self._lock.release()
        self._lock, self.path = None, None
