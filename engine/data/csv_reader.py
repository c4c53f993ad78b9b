"""A text file of columns as training data, piece by piece, of which none is kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from gzip import BadGzipFile
from lzma import LZMAError
from typing import BinaryIO
from zlib import error as ZlibError  # noqa: N812 - an exception with a small letter

from engine.data.arrays import Vector
from engine.data.bad_rows import missing_in
from engine.data.cells import listed
from engine.data.column_choice import select
from engine.data.csv_blocks import CsvBlocks
from engine.data.file_kind import table_text
from engine.data.input_file import opened
from engine.data.layout.csv_layout import layout
from engine.data.layout.decimal_mark import Mark
from engine.data.layout.fixed_width import gaps_of
from engine.data.reading import Reading
from engine.data.source import Table, TableError
from engine.data.table_wish import ReadCancelledError
from engine.data.text_lines import Bytes, LineTooLongError, TextLines
from engine.plurals import counted

_WINDOWS = "not UTF-8: read as Windows-1252; --encoding names another"
_FIXED = "columns of fixed width"


@contextmanager
def csv_rows(reading: Reading) -> Iterator[CsvRows]:
    """An open file, whose rows can be gone through once; raises TableError, from inside too."""
    with opened(reading.path, reading.name) as (stream, size), _in_one_line(reading.name):
        yield CsvRows(reading, size, Bytes(stream))


class CsvRows:
    """The rows of an open text file, of which none is kept."""

    def __init__(self, reading: Reading, size: int | None, source: Bytes) -> None:
        self.count = 0
        """How many rows have been read so far."""
        self._reading, self._size, self._source = reading, size, source
        name, wish = reading.name, reading.wish
        stream: BinaryIO = table_text(io.BufferedReader(source, 1 << 16), name)
        text = TextLines(stream, wish.skip_rows, wish.encoding)
        if gaps := gaps_of(text.sample):
            text.separate(gaps)
        self._layout = layout(text.sample, wish, name, whole=text.whole)
        said = [_WINDOWS] * text.windows + [_FIXED] * bool(gaps)
        notes = (*said, *self._layout.notes)
        self.columns = select(self._layout.columns, wish.target, wish.features, name, notes)
        """Which columns there are, and which of them are used."""
        self._blocks = CsvBlocks(text, self._layout, self.columns, reading)

    def blocks(self) -> Iterator[Vector]:
        """Some rows at a time, [rows, features + 1], the target last; raises TableError."""
        for block in self._blocks:
            self.count += len(block)
            yield block
            self._reading.progress(self._source.count, self._size)
            if self._reading.cancelled():
                raise ReadCancelledError(f"reading {self._reading.name} was cancelled")
        if self._size is not None and self._source.count < self._size:
            raise TableError(f"{self._reading.name} became shorter while it was read")
        self._check()

    def _check(self) -> None:
        """Raise TableError where no rows are left, or some that were not to be dropped."""
        found = self._blocks.careful
        if self._reading.wish.missing == "refuse" and (dropped := found.dropped):
            rows = counted(dropped, "row has", "rows have")
            raise TableError(
                f"{found.first_missing} has no number; {rows} a missing number: "
                "--drop-missing leaves such rows out"
            )
        if not self.count:
            what = "a header but no rows"
            if found.lacking:
                name, lacking = found.lacking.most_common(1)[0]
                what = f"no row in which nothing is missing; {lacking:,} lack {listed([name])}"
            raise TableError(f"{self._reading.name} has {what}")

    def table(self, means: tuple[float, ...], scales: tuple[float, ...]) -> Table:
        """What was found, once all rows have been read."""
        table = self._reading.table(self.columns, self.count, self._source.fingerprint)
        return replace(
            table,
            header=self._layout.header,
            dropped=self._blocks.careful.dropped,
            means=means,
            scales=scales,
            notes=(*self.columns.notes, *self._said()),
        )

    def _said(self) -> Iterator[str]:
        """What was left out on the way, a line each."""
        if cell := self._blocks.thousands:
            yield Mark(self._layout.decimal, cell).said
        if comments := self._blocks.comments:
            yield f"{counted(comments, 'line')} of comment left out"
        yield from self._blocks.below
        if again := self._blocks.careful.names_again:
            yield f"{counted(again, 'line')} with the names again left out"
        if small := self._blocks.vanished:
            yield f"{small} is 0 in float32: --dtype float64 keeps it"
        if lacking := self._blocks.careful.lacking:
            yield missing_in(lacking)
        yield from self._blocks.careful.unmet.said


@contextmanager
def _in_one_line(name: str) -> Iterator[None]:
    """Raise TableError where text is too long, of another encoding, or damaged under its zip."""
    try:
        yield
    except LineTooLongError as error:
        raise TableError(f"{name} has {error}") from None
    except UnicodeDecodeError as error:
        found = f"{error.object[error.start]:#04x} is not text in {error.encoding}"
        raise TableError(f"{name}: the byte {found}: --encoding names another") from None
    except UnicodeError as error:  # as of UTF-16 without a mark, of which no byte is wrong
        raise TableError(f"{name}: {error}: --encoding names another") from None
    except (EOFError, BadGzipFile, ZlibError, LZMAError) as error:
        raise TableError(f"{name} is damaged, or was cut: {error}") from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise TableError(f"{name} is damaged: {error}") from None  # under bzip2
