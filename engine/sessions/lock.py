"""One program at a time writes a session; others can read it."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from engine import atomic_files
from engine.regular_files import NotRegularError, read_regular
from engine.sessions.session import SessionError


class SessionBusyError(SessionError):
    """Another program holds the lock of the session, which can still be read."""


class Lock:
    """A `filelock.FileLock` on a file beside the session, `.NAME.lock`.

    Not on the session's own file, which every save replaces by another one. The operating
    system releases it when the process dies. A lock file that is a symbolic link is refused.
    """

    def __init__(self, path: Path) -> None:
        """Acquire the lock at once, and remove what killed writers left beside the session.

        Raises SessionBusyError where another program holds it, and SessionError where the lock
        file, or any file in its folder, cannot be made.
        """
        try:
            path = atomic_files.real(path)
            path.parent.stat()  # or filelock would make a folder that is missing
            if not path.name:
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        except OSError as error:
            raise SessionError(f"cannot write {path}: {_why(path, error)}") from error
        self._side = path.with_name(f".{path.name}.lock")
        self._acquire(path)
        self._write_holder()
        for left in atomic_files.temporaries(path):
            with suppress(OSError):  # another user's, or a directory
                left.unlink()

    def release(self) -> None:
        """Remove the lock file and release the lock; a second call does nothing."""
        if self._lock.is_locked:
            with suppress(OSError):
                self._side.unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _acquire(self, path: Path) -> None:
        try:
            self._refuse_anothers()
            self._lock = FileLock(self._side, timeout=0, mode=0o600, thread_local=False)
            self._lock.acquire()
        except Timeout:
            if not self._side.exists():  # filelock takes it for one that has gone just now
                raise SessionError(
                    f"cannot write {path}: no file can be made in {path.parent}"
                ) from None
            raise SessionBusyError(
                f"{path.name} is open in another linreg-tui{self._holder()}; it can be read only"
            ) from None
        except (OSError, NotImplementedError) as error:
            does = "lock" if os.path.lexists(self._side) else "write"
            reason = getattr(error, "strerror", None) or error
            raise SessionError(f"cannot {does} {path}: {reason}") from error

    def _refuse_anothers(self) -> None:
        """Raise OSError for a file of that name that is none of ours, which a release removes."""
        if self._side.is_symlink():
            raise OSError(f"{self._side.name} is a symbolic link")
        try:
            content = read_regular(self._side, 20)
        except FileNotFoundError:
            return
        except NotRegularError as error:
            raise OSError(f"{self._side.name}: {error.strerror}") from None
        if content and not content.isdigit():
            raise OSError(f"{self._side.name}: it is not a lock of linreg-tui")

    def _write_holder(self) -> None:
        """This process's id into the lock file, for the message that others get."""
        with suppress(OSError):  # a full disk must not keep a session from being opened
            descriptor = os.open(self._side, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
            try:
                os.write(descriptor, str(os.getpid()).encode())
            finally:
                os.close(descriptor)

    def _holder(self) -> str:
        with suppress(OSError, ValueError):
            return f" (process {int(read_regular(self._side, 20))})"
        return ""


def _why(path: Path, error: OSError) -> str:
    """Why a file cannot be written, in a few words: a folder that is missing is named."""
    folder = path.parent
    if error.errno == errno.ENOENT and folder.name and not folder.exists():
        return f"there is no folder {folder}"
    return str(error.strerror or error)
