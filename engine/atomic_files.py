"""Files that are never half written: the old one stays until the new one is safe."""

from __future__ import annotations

import errno
import glob
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_RANDOM_BYTES = 4
_SUFFIX = ".tmp"


class FileError(Exception):
    """A file that could not be written: one line that names it and says why."""


def write(path: Path, pieces: Iterable[bytes], *, private: bool = False) -> None:
    """Write a file as a whole or leave what is there; raises FileError.

    A regular file is replaced by one written beside it and synced; its permissions stay, but what
    is `private` is for its owner alone. To anything else, like `/dev/stdout` or a pipe that
    somebody reads, the pieces are written straight.
    """
    try:
        path = real(path)
        if path.exists() and not path.is_file():
            _write_straight(path, pieces)
        else:
            _replace(path, pieces, private)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror or error}") from error


def real(path: Path) -> Path:
    """The path with every symbolic link resolved; raises OSError where that cannot be done."""
    try:
        resolved = path.resolve()
    except (RuntimeError, ValueError) as error:  # links in a circle, or a null
        raise OSError(str(error)) from error
    if resolved.is_symlink():  # links in a circle, of which Python 3.13 does not tell
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return resolved


def temporaries(path: Path) -> Iterable[Path]:
    """Temporary files beside `path` of writers that were killed or are still writing."""
    names = path.parent.glob(f".{glob.escape(path.name)}.*{_SUFFIX}")
    random = re.compile(rf"\.[0-9a-f]{{{2 * _RANDOM_BYTES}}}{re.escape(_SUFFIX)}")
    return (name for name in names if random.fullmatch(name.name.removeprefix(f".{path.name}")))


def _replace(path: Path, pieces: Iterable[bytes], private: bool) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(_RANDOM_BYTES)}{_SUFFIX}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(beside, flags, 0o600 if private else 0o666)
    try:
        try:
            if not private and path.exists():
                os.fchmod(descriptor, path.stat().st_mode & 0o777)
            _pour(pieces, descriptor)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _write_straight(path: Path, pieces: Iterable[bytes]) -> None:
    try:  # a pipe that nobody reads would be waited for
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "nobody reads from it") from None
        raise
    try:
        os.set_blocking(descriptor, True)
        _pour(pieces, descriptor)
    finally:
        os.close(descriptor)


def _pour(pieces: Iterable[bytes], descriptor: int) -> None:
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(descriptor, rest) :]


def _sync_folder(folder: Path) -> None:
    """Make the new name last; not every file system can, and the file itself is safe."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
