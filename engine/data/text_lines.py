"""The text of a file in pieces of whole lines, as UTF-8 whatever its encoding was.

Every memory bound is kept here: a line, and what is looked at beforehand, are both limited.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice
from typing import BinaryIO

from engine.data.encodings import decoded, encoding_of, is_utf8
from engine.data.layout.fixed_width import Gaps, with_tabs
from engine.data.quoted_lines import lines_of_rows, rows_outside_quotes

LINE_LIMIT = 1 << 22
"""Most bytes in a line; a longer one raises LineTooLongError."""
SAMPLE_ROWS = 1000
SAMPLE_SIZE = 1 << 18
"""Bytes that are looked at to find the layout, unless they hold only a few lines."""
FEW_ROWS = 20
QUOTED_SIZE = 1 << 20
"""Bytes that are looked at where quoted cells of many lines leave fewer rows."""
LAST = 1 << 12
"""Bytes of lines at the end of a file that are taken together."""

_END_OF_FILE = b"\x1a"
"""What MS-DOS wrote behind a text."""
_PIECE = 1 << 17


class LineTooLongError(Exception):
    """A line goes beyond the limit."""

    def __init__(self, line: bytes) -> None:
        cut = ", and NUL bytes: was the file cut?" if b"\0" in line else ""
        super().__init__(f"a line that is longer than {LINE_LIMIT:,} bytes{cut}")


class Bytes(io.RawIOBase):
    """A stream's bytes, counted and fingerprinted as they pass."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = blake2b(digest_size=16)
        self.count = 0

    @property
    def fingerprint(self) -> str:
        """A BLAKE2b digest of all bytes read so far, in hexadecimal."""
        return self._digest.hexdigest()

    def readable(self) -> bool:
        """Always True: required by `io.RawIOBase`."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a part of the buffer; 0 at the end."""
        piece = self._stream.read1(len(buffer))  # type: ignore[attr-defined]
        self._digest.update(piece)
        self.count += len(piece)
        buffer[: len(piece)] = piece
        return len(piece)


def lines_of(text: str) -> Iterator[str]:
    """The lines of a text with their ends; only CR and LF end one."""
    return iter(io.StringIO(text, newline=""))


class TextLines:
    """Whole lines of a file, of which the first can be looked at before they are taken."""

    def __init__(self, stream: BinaryIO, skip: int = 0, encoding: str = "") -> None:
        """Read lines from `skip` on, as far as they are looked at.

        Of the encoding that is asked for everything has to be, here and later: else it raises
        UnicodeDecodeError. What is found is read as well as it can be.
        """
        self._stream = stream
        self._held = b""
        self._gaps: Gaps = ()
        self._ended = self._bare_returns = False
        head = self._piece()
        found = encoding or encoding_of(head)
        self._decoder = None
        if found != "utf-8" or encoding:
            errors = "strict" if encoding else "replace"
            self._decoder = codecs.getincrementaldecoder(found)(errors)
        self._hold(head)
        self._fill_sample()
        self._bare_returns = b"\r" in self._held and b"\n" not in self._held
        if self._bare_returns:
            self._held = self._held.replace(b"\r", b"\n")
        if skip:
            self.skip(skip)
            self._fill_sample()
        end = len(self._held) if self._ended else self._held.rfind(b"\n") + 1
        most = max(SAMPLE_ROWS, lines_of_rows(self._held[:end], FEW_ROWS))
        lines = list(islice(lines_of(decoded(self._held[:end])), most + 1))
        self.sample = lines[:most]
        """The first lines, by which the layout is found."""
        self.whole = self._ended and len(lines) <= most
        """Whether the sample is the whole file."""
        self.windows = not is_utf8(self._held[:end])
        """Whether the sample is no UTF-8, and taken for Windows-1252."""

    def separate(self, gaps: Gaps) -> None:
        """Have tabs between the columns of the lines, whose places have these gaps."""
        self._gaps = gaps
        self.sample = [with_tabs(line, gaps) for line in self.sample]

    def skip(self, lines: int) -> None:
        """Take lines without looking at them."""
        while lines and (text := self._take()):
            # A character a byte, so that lines are as long as in the file.
            skipped = list(islice(lines_of(text.decode("latin-1")), lines))
            lines -= len(skipped)
            self._held = text[sum(map(len, skipped)) :] + self._held

    def take(self) -> bytes:
        """Some whole lines, the last of the file together; empty at the end."""
        text = self._take()
        return with_tabs(decoded(text), self._gaps).encode() if self._gaps else text

    def _take(self) -> bytes:
        while not (end := self._whole_lines()) and not self._ended:
            self._hold(self._piece())
        text, self._held = self._held[:end], self._held[end:]
        return text

    @property
    def taken(self) -> bool:
        """Whether all lines have been taken."""
        return self._ended and not self._held

    def _whole_lines(self) -> int:
        """How many bytes of whole lines there are but for those that may be the last."""
        if self._ended:
            return len(self._held)
        return self._held.rfind(b"\n", 0, max(0, len(self._held) - LAST)) + 1

    def _fill_sample(self) -> None:
        while not self._ended:
            lines = self._held.count(b"\n") or self._held.count(b"\r")
            few = len(self._held) < (SAMPLE_SIZE if lines >= FEW_ROWS else 2 * LINE_LIMIT)
            if (lines >= SAMPLE_ROWS or not few) and not self._is_swallowed():
                return
            self._hold(self._piece())

    def _is_swallowed(self) -> bool:
        """Whether a few quoted cells have taken nearly all lines, and may end further below."""
        return len(self._held) < QUOTED_SIZE and rows_outside_quotes(self._held) < FEW_ROWS

    def _piece(self) -> bytes:
        piece = self._stream.read1(_PIECE)  # type: ignore[attr-defined]
        self._ended = not piece
        return bytes(piece)

    def _hold(self, piece: bytes) -> None:
        if self._decoder is not None:
            piece = self._decoder.decode(piece, self._ended).encode()
        if self._bare_returns:
            piece = piece.replace(b"\r", b"\n")
        self._held += piece
        if self._ended:
            self._held = self._held.rstrip(_END_OF_FILE)
        end = max(self._held.rfind(b"\n"), self._held.rfind(b"\r"))
        if len(self._held) - end > LINE_LIMIT:
            raise LineTooLongError(self._held[end + 1 :])
