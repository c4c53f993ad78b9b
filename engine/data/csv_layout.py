"""How a text file of columns is laid out: encoding, delimiter, decimal mark, header, names.

The parsing itself is the standard library's `csv`; this finds out how to ask for it, and keeps
every memory bound: a line, a cell and what is looked at beforehand are all limited.
"""

from __future__ import annotations

import codecs
import csv
import io
from _csv import Reader
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from typing import BinaryIO

from engine.data.source import ProblemError

LINE_LIMIT = 1 << 22
"""Most bytes in a line; a longer one raises LineTooLongError."""
SAMPLE_ROWS = 1000
SAMPLE_SIZE = 1 << 18
"""Characters that are looked at to find the layout, a longer first line aside."""
DELIMITERS = ",;\t| "
MISSING_WORDS = {"", "na", "n/a", "#n/a", "nan", "null", "none", "-", "?"}

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins with the mark of UTF-16
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_HEAD = 1 << 12
_PIECE = 1 << 16


class TableError(ProblemError):
    """A file that gives no data: one line with its name and, where known, the line number."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a file, as found at its beginning."""

    delimiter: str
    decimal: str
    """`.`, or `,` between other delimiters."""
    names: tuple[str, ...]
    """The names of the columns, all different."""
    header: bool
    """Whether the first row holds the names."""
    numeric: tuple[bool, ...]
    """For every column whether at least half of its cells are numbers."""

    def rows(self, lines: Iterator[str]) -> Reader:
        """The cells of every row; a line that is empty is an empty row."""
        return _parsed(lines, self.delimiter)


class LineTooLongError(Exception):
    """A line goes beyond the limit."""


class Bytes(io.RawIOBase):
    """A stream's bytes, counted and fingerprinted as they pass; raises LineTooLongError."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = blake2b(digest_size=16)
        self.count = 0
        self._line = 0
        self._head = self._start = stream.read(_HEAD)

    @property
    def fingerprint(self) -> str:
        """A BLAKE2b digest of all bytes read so far, in hexadecimal."""
        return self._digest.hexdigest()

    @property
    def encoding(self) -> str:
        """The encoding, by the byte order mark or by the zero bytes of UTF-16; else UTF-8."""
        for mark, encoding in _MARKS.items():
            if self._start.startswith(mark):
                return encoding
        even, odd = (self._start[first::2].count(0) for first in (0, 1))
        if 3 * max(even, odd) > len(self._start):
            return "utf-16-be" if even > odd else "utf-16-le"
        return "utf-8"

    def readable(self) -> bool:
        """Always True: required by `io.RawIOBase`."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill a part of the buffer; 0 at the end."""
        piece = self._head[: len(buffer)] or self._stream.read1(len(buffer))  # type: ignore[attr-defined]
        self._head = self._head[len(piece) :]
        self._digest.update(piece)
        self.count += len(piece)
        end = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._line = len(piece) - end + (self._line if end < 0 else 0)
        if self._line > LINE_LIMIT:
            raise LineTooLongError
        buffer[: len(piece)] = piece
        return len(piece)


class CsvText:
    """The text of a file, line by line."""

    def __init__(self, stream: Bytes, name: str) -> None:
        self.name = name
        """The name of the file, for messages."""
        self._lines = io.TextIOWrapper(
            io.BufferedReader(stream, _PIECE),  # type: ignore[type-var]
            stream.encoding,
            errors="replace",
            newline="",
        )
        self.sample: list[str] = []
        """The first lines, by which the layout is found."""
        size = 0
        for line in self._lines:
            self.sample.append(line)
            size += len(line)
            if size > SAMPLE_SIZE or len(self.sample) == SAMPLE_ROWS:
                break

    @property
    def lines(self) -> Iterator[str]:
        """All lines, the sample's included; can be iterated only once."""
        return chain(self.sample, self._lines)


def layout(text: CsvText, header: bool | None = None) -> Layout:
    """The layout of a file by its first lines, with a header or not if that is known.

    Without, a row is one where it holds no number, or text above a column of numbers. Raises
    TableError.
    """
    guesses = [(delimiter, _cells(text.sample, delimiter)) for delimiter in DELIMITERS]
    if not any(rows for _, rows in guesses):
        long = any(line.strip() for line in text.sample)
        limit = csv.field_size_limit()
        problem = f"holds a cell longer than {limit:,} characters" if long else "is empty"
        raise TableError(f"{text.name} {problem}")
    delimiter, rows = max(guesses, key=lambda guess: _plausible(*guess))
    decimal = _decimal(rows, delimiter)
    first, *rest = rows
    numeric = _numeric(rest, decimal, len(first))
    if header is None:
        numbers = [number(cell, decimal) is not None for cell in first]
        texts = [not is_missing(cell) and number(cell, decimal) is None for cell in first]
        header = not any(numbers) or any(a and b for a, b in zip(texts, numeric, strict=True))
    if not header:
        numeric = _numeric(rows, decimal, len(first))
    return Layout(delimiter, decimal, _names(first, header), header, tuple(numeric))


def number(text: str, decimal: str = ".") -> float | None:
    """The number that a cell holds, infinities and nan included; None where it holds none."""
    if not text.isascii() or "_" in text:
        return None
    if decimal == ",":
        if "." in text:
            return None
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def is_missing(text: str) -> bool:
    """Whether a cell says that it holds nothing."""
    return text.strip().casefold() in MISSING_WORDS


def is_blank(row: Sequence[str]) -> bool:
    """Whether nothing at all stands in a row."""
    return not "".join(row).strip()


def visible(text: str, limit: int = 40) -> str:
    """Text from a file, made fit for one line: cut, and nothing in it that is not printable."""
    shown = "".join(c if c.isprintable() else "�" for c in text[:limit])
    return shown + "…" * (len(text) > limit)


def _parsed(lines: Iterator[str], delimiter: str) -> Reader:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter == " ")


def _cells(sample: Sequence[str], delimiter: str) -> list[list[str]]:
    """The rows of the sample; none where the delimiter makes no sense."""
    try:
        return [row for row in _parsed(iter(sample), delimiter) if not is_blank(row)]
    except csv.Error:
        return []


def _plausible(delimiter: str, rows: Sequence[Sequence[str]]) -> tuple[float, int]:
    """How much of the sample is in rows of one width and reads as numbers; then the width."""
    if not rows:
        return -1.0, 0
    ((width, alike),) = Counter(map(len, rows)).most_common(1)
    if width == 1:
        return 0.0, 1
    decimal = _decimal(rows, delimiter)
    cells = [cell for row in rows for cell in row if not is_missing(cell)]
    numbers = sum(number(cell, decimal) is not None for cell in cells)
    return alike / len(rows) * (1 + numbers) / (1 + len(cells)), width


def _decimal(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """`,` where it makes more numbers of the cells than `.` does."""
    if delimiter == ",":
        return "."
    cells = [cell for row in rows for cell in row]
    return max(".,", key=lambda mark: sum(number(cell, mark) is not None for cell in cells))


def _numeric(rows: Sequence[Sequence[str]], decimal: str, width: int) -> list[bool]:
    """Which columns hold at least as many numbers as other text, and any number."""
    found = []
    for column in range(width):
        cells = [row[column] for row in rows if column < len(row) and not is_missing(row[column])]
        numbers = sum(number(cell, decimal) is not None for cell in cells)
        found.append(2 * numbers >= len(cells) > 0)
    return found


def _names(first: Sequence[str], header: bool) -> tuple[str, ...]:
    """The header's names; `column3` where there is none, or not one of its own."""
    names: list[str] = []
    for position, cell in enumerate(first, 1):
        name = visible(cell.strip()) if header else ""
        if not name or name in names:
            name = f"{name} column{position}".strip()
        names.append(name)
    return tuple(names)
