"""The one process that appends to a recording: a frame is one write, so a kill cuts at most one.

It works inside somebody's script, so it guards against what scripts do: a forked child writes
nothing, and a descriptor that the script closed, and perhaps opened as a file of its own, is not
written to.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from engine.recording.file.frame_reader import FrameReader
from engine.recording.file.frames import (
    EmptyRunFileError,
    RunFileError,
    head,
    kind_field,
    pack,
    shown,
)

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC


class FrameWriter:
    """A recording that grows frame by frame; any thread may append."""

    _descriptor: int
    _identity: tuple[int, int] | None
    """The device and number of the file; None once it is closed."""
    _lock: AbstractContextManager[bool]

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Begin a file, or take an empty one; raises RunFileError, also where one is there."""
        self._begin(path, _create(path))
        if os.fstat(self._descriptor).st_size == 0:
            self._write(head())

    @classmethod
    def resume(cls, path: str | os.PathLike[str]) -> FrameWriter:
        """Append to a file whose writer has ended; raises RunFileError where it is no recording.

        What stands after the last whole frame, as of a writer that was killed, is cut off.
        """
        end = 0
        with suppress(EmptyRunFileError), FrameReader(path) as reader:
            reader.refresh()
            end = reader.end
        writer = cls.__new__(cls)
        try:
            writer._begin(path, os.open(path, _FLAGS))
            if os.fstat(writer._descriptor).st_size > end:
                os.ftruncate(writer._descriptor, end)
            if end == 0:
                writer._write(head())
        except (OSError, ValueError) as error:
            raise _cannot_write(path, error) from error
        return writer

    def append(self, kind: str, payload: bytes, compress: bool = True) -> None:
        """Add one frame; it is in the hands of the system, not yet on the disk, on return.

        Raises OSError where it cannot be written, as on a full disk: then nothing of it stays,
        and the next may be tried. Raises ValueError for a kind of other than 1 to 8 ASCII
        characters and for a payload above `PAYLOAD_LIMIT`. A forked child writes nothing.
        """
        self.append_all(((kind, payload),), compress)

    def append_all(self, frames: Iterable[tuple[str, bytes]], compress: bool = True) -> None:
        """Add frames by their kinds and payloads in one write, all or none, as `append` does."""
        if os.getpid() != self._process:
            return
        data = b"".join([pack(self._field(kind), one, compress) for kind, one in frames])
        with self._lock:
            self._write(data)

    def _field(self, kind: str) -> bytes:
        field = self._fields.get(kind)
        if field is None:
            field = self._fields[kind] = kind_field(kind)
        return field

    def close(self) -> None:
        """End writing; to append afterwards raises OSError. Does nothing the second time."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, -1
            if descriptor >= 0 and _identity(descriptor) == self._identity:
                os.close(descriptor)
            self._identity = None

    def __enter__(self) -> FrameWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _begin(self, path: str | os.PathLike[str], descriptor: int) -> None:
        self._path = Path(path).absolute()
        self._descriptor = descriptor
        self._identity = _identity(descriptor)
        self._process = os.getpid()
        self._fields: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def _write(self, data: bytes) -> None:
        if self._identity is None:
            raise OSError(errno.EBADF, "the recording is closed", str(self._path))
        start = self._size()
        try:
            done = os.write(self._descriptor, data)
            while done < len(data):
                done += os.write(self._descriptor, memoryview(data)[done:])
        except BaseException:
            with suppress(OSError):
                if os.fstat(self._descriptor).st_size > start:
                    os.ftruncate(self._descriptor, start)
            raise

    def _size(self) -> int:
        """The size of the file, which is opened again if the script closed it; raises OSError."""
        with suppress(OSError):
            status = os.fstat(self._descriptor)
            if (status.st_dev, status.st_ino) == self._identity:
                return status.st_size
        descriptor = os.open(self._path, _FLAGS)
        if _identity(descriptor) != self._identity:
            os.close(descriptor)
            raise OSError(errno.ESTALE, "the recording was closed and replaced", str(self._path))
        self._descriptor = descriptor
        return os.fstat(descriptor).st_size


def reserve(path: str | os.PathLike[str]) -> None:
    """Make an empty file for a writer that comes later, where a recording can be begun.

    Raises RunFileError where it cannot, also where a file is there, however empty.
    """
    try:
        descriptor = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        why = "it is a folder" if Path(path).is_dir() else "it exists"
        raise RunFileError(f"cannot record to {shown(path)}: {why}") from None
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from error
    try:
        os.write(descriptor, head())
        os.ftruncate(descriptor, 0)
    except OSError as error:
        with suppress(OSError):
            Path(path).unlink()
        raise _cannot_write(path, error) from error
    finally:
        os.close(descriptor)


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _create(path: str | os.PathLike[str]) -> int:
    """A descriptor of a new or empty regular file; raises RunFileError."""
    try:
        descriptor = os.open(path, _FLAGS | os.O_CREAT, 0o666)
    except (OSError, ValueError) as error:
        raise _cannot_write(path, error) from error
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size == 0:
        return descriptor
    os.close(descriptor)
    why = "it exists" if stat.S_ISREG(status.st_mode) else "it is not a regular file"
    raise RunFileError(f"cannot record to {shown(path)}: {why}")


def _cannot_write(path: str | os.PathLike[str], error: Exception) -> RunFileError:
    reason = error.strerror if isinstance(error, OSError) else "no file can have this name"
    return RunFileError(f"cannot record to {shown(path)}: {reason}")
