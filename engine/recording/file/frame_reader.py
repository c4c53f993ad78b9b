"""Reading a recording while it grows, after its writer was killed, or after it was damaged.

Opening a long one must not take reading it: only headers are looked at until a payload is asked
for. Nothing is believed before its checksum fits, and no length before the file is that long.
"""

from __future__ import annotations

import os
import weakref
from pathlib import Path

from engine.recording.file.frames import (
    HEAD_SIZE,
    HEADER_SIZE,
    MAGIC,
    VERSION,
    DamagedFrameError,
    EmptyRunFileError,
    Frame,
    RunFileError,
    frame_at,
    head,
    is_whole,
    shown,
    unpack,
    version_of,
)
from engine.regular_files import NotRegularError, regular_descriptor

_WINDOW = 2**16
_SMALL = 2**13
_CHUNK = 2**20
_FIRST_FRAME_WITHIN = 2**24


class FrameReader:
    """The whole frames of one file, in the order in which they were written.

    The file is given back by `close`, or when nothing refers to the reader any more.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open a file; raises RunFileError where it cannot be read or is no recording.

        A file with a damaged head is one if a frame stands in its first 16 MiB.
        """
        self._name = shown(path)
        self._path = Path(path).absolute()
        self._descriptor = self._open()
        # What is read of it later holds the reader, and nobody may be left to close it.
        self._closing = weakref.finalize(self, os.close, self._descriptor)
        self._damage: set[int] = set()
        self._last: Frame | None = None
        self._window = b""
        self._window_at = 0
        self._tail = 0
        try:
            self._end = self._first_frame()
        except BaseException:
            self.close()
            raise

    @property
    def damaged(self) -> int:
        """The number of places known so far at which something was lost to damage."""
        return len(self._damage)

    @property
    def end(self) -> int:
        """The bytes of the file up to the end of the last whole frame."""
        return self._end

    @property
    def tail(self) -> int:
        """The bytes that stood after the last whole frame at the last look: not there yet, or cut.

        Where the writer has ended they are what it did not finish, or damage.
        """
        return self._tail

    def refresh(self) -> tuple[Frame, ...]:
        """The frames that became whole since the last call, without a look at their payloads.

        Raises RunFileError where the file is gone or another one has taken its name.
        """
        size = self._size()
        self._window = b""
        found: list[Frame] = []
        position = self._end
        while position < size:
            frame = self._header(position)
            if frame is not None and frame.end <= size:
                found.append(frame)
                self._last = frame
                position = frame.end
                continue
            following = self._after_damage(position, frame, size)
            if following is None:
                break
            self._damage.add(position)
            position = following
        self._end = position
        self._tail = max(0, size - position)
        return tuple(found)

    def read(self, frame: Frame) -> bytes:
        """The payload of a frame; raises DamagedFrameError where it is not what was written.

        Raises RunFileError where the file cannot be read any more.
        """
        payload = unpack(frame, self._bytes(frame.offset, HEADER_SIZE + frame.length))
        if payload is None:
            self._damage.add(frame.offset)
            where = f"the {frame.kind} at byte {frame.offset:,}"
            raise DamagedFrameError(f"{self._name} is damaged: {where} cannot be read")
        return payload

    def close(self) -> None:
        """Give the file back; nothing can be read afterwards. Does nothing the second time."""
        self._descriptor = -1
        self._closing()

    def __enter__(self) -> FrameReader:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _open(self) -> int:
        try:
            return regular_descriptor(self._path)
        except NotRegularError as error:
            raise RunFileError(f"{self._name} is {error.kind}, not a recording") from None
        except OSError as error:
            raise self._cannot_read(error) from error

    def _first_frame(self) -> int:
        """Where the first frame must stand; raises RunFileError unless this is a recording."""
        start = self._bytes(0, HEAD_SIZE)
        version = version_of(start)
        if version is not None and version != VERSION:
            other = "a newer" if version > VERSION else "an older"
            formats = f"format {version}, this one reads {VERSION}"
            raise RunFileError(f"{self._name} was recorded by {other} linreg-tui ({formats})")
        if version is not None:
            return HEAD_SIZE
        if len(start) < HEAD_SIZE and head().startswith(start):
            raise EmptyRunFileError(f"{self._name} is empty: nothing is recorded in it yet")
        first = self._find(0, _FIRST_FRAME_WITHIN)
        if first is None:
            raise RunFileError(f"{self._name} is not a recording")
        self._damage.add(0)
        return first

    def _size(self) -> int:
        """The size of the file now, in bytes.

        It is opened anew for that: a network file system then asks the server.
        """
        descriptor = self._open()
        try:
            now, before = os.fstat(descriptor), os.fstat(self._descriptor)
        except OSError as error:
            raise self._cannot_read(error) from error
        finally:
            os.close(descriptor)
        if (now.st_dev, now.st_ino) != (before.st_dev, before.st_ino):
            raise RunFileError(f"{self._name} was replaced by another file")
        return now.st_size

    def _header(self, position: int) -> Frame | None:
        start = position - self._window_at
        if not 0 <= start <= len(self._window) - HEADER_SIZE:
            small = self._last is None or self._last.length < _SMALL
            self._window = self._bytes(position, _WINDOW if small else HEADER_SIZE)
            self._window_at, start = position, 0
        return frame_at(self._window, start, position)

    def _after_damage(self, position: int, frame: Frame | None, size: int) -> int | None:
        """Where the next whole header stands, if there is none of a whole frame at `position`.

        A last frame that is only partly written has none after it. Where bytes are missing from
        the frame before, the next one begins inside of what should be that.
        """
        if frame is not None:
            return self._find(position + HEADER_SIZE, size)
        last = self._last
        if last is not None and last.end == position and not self._intact(last):
            return self._find(last.offset + HEADER_SIZE, size)
        return self._find(position + 1, size)

    def _intact(self, frame: Frame) -> bool:
        return is_whole(frame, self._bytes(frame.offset, HEADER_SIZE + frame.length))

    def _find(self, start: int, size: int) -> int | None:
        while start + HEADER_SIZE <= size:
            chunk = self._bytes(start, min(_CHUNK, size - start))
            if len(chunk) < HEADER_SIZE:
                return None
            found = chunk.find(MAGIC)
            while found >= 0:
                if frame_at(chunk, found, start + found) is not None:
                    return start + found
                found = chunk.find(MAGIC, found + 1)
            start += len(chunk) - HEADER_SIZE + 1
        return None

    def _bytes(self, offset: int, size: int) -> bytes:
        """Bytes of the file, fewer only at its end; raises RunFileError."""
        pieces = []
        try:
            while size > 0 and (piece := os.pread(self._descriptor, size, offset)):
                pieces.append(piece)
                offset, size = offset + len(piece), size - len(piece)
        except OSError as error:
            raise self._cannot_read(error) from error
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _cannot_read(self, error: OSError) -> RunFileError:
        return RunFileError(f"cannot read {self._name}: {error.strerror}")
