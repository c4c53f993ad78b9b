"""One program at a time writes a session; another one is told, and may read it."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from engine import atomic_files
from engine.sessions.session import SessionError


class SessionBusyError(SessionError):
    """Another program has the session open; it can be read."""


class Lock:
    """Held from its making until it is released; the system releases it when a program dies.

    On a file beside the session, since the session's own is another one after every save.
    """

    def __init__(self, path: Path) -> None:
        """Raises SessionBusyError, and SessionError where no file can be made beside it."""
        try:
            path = atomic_files.real(path)
            self._side = path.with_name(f".{path.name}.lock")
            self._descriptor = self._locked()
        except BlockingIOError:
            raise SessionBusyError(
                f"{path.name} is open in another linreg-tui{self._holder()}; it can be read only"
            ) from None
        except OSError as error:
            raise SessionError(f"cannot lock {path}: {error.strerror or error}") from error
        with suppress(OSError):  # a full disk must not keep a session from being opened
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, str(os.getpid()).encode())
        for left in atomic_files.temporaries(path):
            with suppress(OSError):  # somebody else's, or no file at all
                left.unlink()

    def release(self) -> None:
        """Let others have it; again is harmless."""
        if self._descriptor >= 0:
            with suppress(OSError):
                self._side.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _locked(self) -> int:
        """A descriptor of the side file with the lock on it; once more if it was just removed."""
        while True:
            descriptor = os.open(self._side, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._side.exists() and self._side.stat().st_ino == os.fstat(descriptor).st_ino:
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _holder(self) -> str:
        with suppress(OSError, ValueError):
            return f" (process {int(self._side.read_text()[:20])})"
        return ""
