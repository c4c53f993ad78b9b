"""The file that a recording is kept in: a head, then frames, one after another, only ever appended.

One process writes it while any number read it, on any file system: nothing is locked, mapped or
written twice. What a killed writer, a full disk or a damaged disk leaves is readable up to the
damage and after it, which a database is not: there one lost page can take all the others along.

    head     signature (8 bytes), format version (u32), crc32 of both (u32)
    frame    magic (4 bytes), kind (8 bytes of ASCII, padded with zeros), flags (u32),
             length of the payload in the file (u32), its size unpacked (u32),
             crc32 of the payload in the file (u32), crc32 of the 28 bytes so far (u32);
             then the payload

All numbers are little endian. Flag 1: the payload is compressed by zlib. A reader that does not
find a header where one must be goes on at the next magic whose header is whole; the magic's first
byte occurs in no UTF-8 text. A frame that is not complete is not there yet. What is in a payload
is its kind's business: see `codec`.

`frame_writer` writes such files, `frame_reader` reads them.
"""

from __future__ import annotations

import os
import zlib
from struct import Struct
from typing import NamedTuple

from engine.regular_files import read_regular

VERSION = 2
"""The version of the format that is written, and the only one that is read."""
PAYLOAD_LIMIT = 2**28
"""Most bytes in a payload, packed or unpacked: no more is ever taken into memory for one."""

MAGIC = b"\xf5\x0bF\xa7"
"""The first bytes of every frame."""
HEADER_SIZE = 32
"""The bytes of a frame before its payload."""
HEAD_SIZE = 16
"""The bytes of the file before its first frame."""

_SIGNATURE = b"\x89lrtui\r\n"
_HEAD = Struct("<8sI")
_HEADER = Struct("<4s8sIIII")
_SIGNED_HEADER = Struct("<4s8sIIIII")
_CRC = Struct("<I")
_COMPRESSED = 1
_WORTH_PACKING = 512
_LOOKED_AT = 2**16


class RunFileError(Exception):
    """A file that cannot be written or read as a recording: one line that names it and why."""


class EmptyRunFileError(RunFileError):
    """A file in which nothing is recorded yet, not even the head of a recording."""


class DamagedFrameError(RunFileError):
    """One frame that is not what was written; the others are no worse for it."""


class Frame(NamedTuple):
    """Where one frame stands in its file."""

    kind: str
    """What its payload is, in at most 8 ASCII characters."""
    offset: int
    """The bytes of the file before its header."""
    length: int
    """The bytes of its payload in the file, compressed or not."""
    size: int
    """The bytes of its payload as it was given to the writer."""

    @property
    def end(self) -> int:
        """The bytes of the file up to its last one."""
        return self.offset + HEADER_SIZE + self.length


def shown(path: str | os.PathLike[str]) -> str:
    """The path on one line of a message, whatever characters it has."""
    return "".join(letter if letter.isprintable() else "?" for letter in os.fspath(path))


def head(version: int = VERSION) -> bytes:
    """The first bytes of a file of this version."""
    data = _HEAD.pack(_SIGNATURE, version)
    return data + _CRC.pack(zlib.crc32(data))


def is_recording(path: str | os.PathLike[str]) -> bool:
    """Return whether a file is a recording, whatever its name, also with a damaged beginning.

    A file that is not there, or cannot be read, is none.
    """
    try:
        start = read_regular(path, _LOOKED_AT)
    except OSError:
        return False
    if start.startswith(_SIGNATURE):
        return True
    found = start.find(MAGIC)
    while found >= 0 and frame_at(start, found, found) is None:
        found = start.find(MAGIC, found + 1)
    return found >= 0


def version_of(data: bytes) -> int | None:
    """The format version that the first bytes of a file tell; None where they are no head."""
    if len(data) < HEAD_SIZE or not data.startswith(_SIGNATURE):
        return None
    signed = data[: _HEAD.size]
    if zlib.crc32(signed) != _CRC.unpack_from(data, _HEAD.size)[0]:
        return None
    version: int = _HEAD.unpack(signed)[1]
    return version


def kind_field(kind: str) -> bytes:
    """A kind as it stands in a header; raises ValueError unless 1 to 8 visible ASCII characters."""
    if not (1 <= len(kind) <= 8 and kind.isascii() and kind.isprintable()):
        raise ValueError(f"a frame's kind is 1 to 8 visible ASCII characters, not {kind!r}")
    return kind.encode("ascii")


def pack(kind: bytes, payload: bytes, compress: bool) -> bytes:
    """A whole frame; raises ValueError where the payload is over the limit.

    It is compressed where it is asked for and makes the payload smaller by a tenth.
    """
    size = len(payload)
    if size > PAYLOAD_LIMIT:
        raise ValueError(f"a frame's payload is at most {PAYLOAD_LIMIT:,} bytes, not {size:,}")
    flags = 0
    if compress and size >= _WORTH_PACKING:
        packed = zlib.compress(payload, 1)
        if len(packed) < size * 0.9:
            flags, payload = _COMPRESSED, packed
    header = _HEADER.pack(MAGIC, kind, flags, len(payload), size, zlib.crc32(payload))
    return b"".join((header, _CRC.pack(zlib.crc32(header)), payload))


_kinds: dict[bytes, str] = {}


def frame_at(data: bytes, start: int, offset: int) -> Frame | None:
    """The frame whose header stands at `start` of the data, which is at `offset` of the file.

    None where there is no whole and undamaged header.
    """
    if len(data) - start < HEADER_SIZE or not data.startswith(MAGIC, start):
        return None
    _, name, flags, length, size, _, crc = _SIGNED_HEADER.unpack_from(data, start)
    if zlib.crc32(data[start : start + _HEADER.size]) != crc:
        return None
    if length > PAYLOAD_LIMIT or size > PAYLOAD_LIMIT or flags > _COMPRESSED:
        return None
    kind = _kinds.get(name)
    if kind is None:
        kind = name.rstrip(b"\0").decode("ascii", "replace")
        if len(_kinds) < 1000:
            _kinds[name] = kind
    return Frame(kind, offset, length, size)


def is_whole(frame: Frame, data: bytes) -> bool:
    """Whether the bytes, header first, are those of the frame and undamaged."""
    if len(data) != HEADER_SIZE + frame.length or frame_at(data, 0, frame.offset) != frame:
        return False
    crc: int = _HEADER.unpack_from(data)[5]
    return zlib.crc32(memoryview(data)[HEADER_SIZE:]) == crc


def unpack(frame: Frame, data: bytes) -> bytes | None:
    """The payload in the bytes of a whole frame; None where they are not that undamaged frame."""
    if not is_whole(frame, data):
        return None
    payload = data[HEADER_SIZE:]
    if _HEADER.unpack_from(data)[2] & _COMPRESSED:
        unpacking = zlib.decompressobj()
        try:
            payload = unpacking.decompress(payload, frame.size + 1)
        except zlib.error:
            return None
        if not unpacking.eof:
            return None
    return payload if len(payload) == frame.size else None
