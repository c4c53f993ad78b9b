"""Files that are read: regular ones, since to open or to read another may wait for ever.

A named pipe waits for a writer, a terminal for somebody who types, and `/dev/zero` has no end.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotRegularError(OSError):
    """Something else than a regular file has that name; `kind` says what."""

    def __init__(self, path: str, mode: int) -> None:
        self.kind = next((words for is_kind, words in _KINDS if is_kind(mode)), "no file")
        says = os.strerror(errno.EISDIR) if stat.S_ISDIR(mode) else f"it is {self.kind}"
        super().__init__(errno.EINVAL, says, path)


def regular_descriptor(path: str | os.PathLike[str]) -> int:
    """A descriptor of a regular file to read, also by links to it; never waits for anything.

    Raises NotRegularError where it is something else, and OSError where it cannot be opened. What
    is looked at is what was opened: nobody can put something else in its place meanwhile.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except ValueError:  # a NUL, or half of a pair of surrogates
        raise OSError(errno.EINVAL, "no file can have this name", os.fspath(path)) from None
    except OSError as error:
        if error.errno == errno.ENXIO:  # there is nobody at the other end of it
            raise NotRegularError(os.fspath(path), Path(path).stat().st_mode) from None
        raise
    if not stat.S_ISREG(mode := os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotRegularError(os.fspath(path), mode)
    return descriptor


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """A stream of the bytes of a regular file; raises OSError as `regular_descriptor` does."""
    return os.fdopen(regular_descriptor(path), "rb")


def read_regular(path: str | os.PathLike[str], limit: int = -1) -> bytes:
    """The bytes of a regular file, at most `limit` of them; raises OSError as that."""
    with open_regular(path) as file:
        return file.read(limit) or b""  # some of /proc would wait, and have None for now
