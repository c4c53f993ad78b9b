"""CSV files as training data: read once, chunk by chunk, straight into the arrays to train on.

`csv` of the standard library parses: written in C, it comes with Python, knows where it is to
the line, and reads some two million rows a second. Numbers are parsed as float64 and only then
held as the dtype of the training; those to be standardised relative to a number near their
mean, so that timestamps keep their digits in float32.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import filterfalse, islice
from math import isfinite

import numpy as np

from engine.data.arrays import Gathered, Gatherer, Vector
from engine.data.column_choice import Selection, select
from engine.data.csv_layout import (
    LINE_LIMIT,
    Bytes,
    CsvText,
    LineTooLongError,
    TableError,
    is_blank,
    is_missing,
    layout,
    number,
    visible,
)
from engine.data.input_file import file_name, opened
from engine.data.source import POINTS_LIMIT, Dtype, Missing, Table

BATCH = 512
"""Rows parsed at a time: so few that they are gone before Python's collector of cyclic garbage
looks at them, which costs far more than the parsing where torch is loaded."""
BATCH_SIZE = 1 << 20
"""Characters parsed at a time, roughly: fewer rows where they are long."""

_BREAK = re.compile("\r\n?|\n")

Progress = Callable[[int, int | None], object]
"""Takes the bytes read and how many there are, None where that is not known."""


class ReadCancelledError(TableError):
    """The reading of a file was broken off as asked."""


@dataclass(frozen=True, slots=True)
class TableWish:
    """Options of reading a file; by default all columns that hold numbers are used."""

    target: str | None = None
    """The name of the target column; None: the last one that holds numbers."""
    features: tuple[str, ...] = ()
    """Names of the feature columns; empty: all but the target that hold numbers."""
    standardise: bool = False
    missing: Missing = "refuse"
    header: bool | None = None
    """Whether the first row holds names; None: as it looks."""
    seed: int = 0


def read(
    path: str,
    wish: TableWish,
    dtype: Dtype,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Table, Gathered]:
    """A file's table and its numbers; raises TableError, with the line number where known."""
    with csv_rows(path, wish, dtype, progress, cancelled) as rows:
        features = rows.columns.features
        gatherer = Gatherer(len(features), dtype, standardise=wish.standardise)
        for block in rows.blocks():
            gatherer.add(block)
            if gatherer.count > POINTS_LIMIT:
                raise TableError(f"{rows.name} has more than {POINTS_LIMIT:,} rows")
    found = gatherer.finish()
    for column, scale in zip(features, found.scales, strict=False):
        if not isfinite(scale):
            raise TableError(f'{rows.name}: column "{column}" spreads too far to be standardised')
    return rows.table(found.means, found.scales), found


@contextmanager
def csv_rows(
    path: str,
    wish: TableWish,
    dtype: Dtype,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[CsvRows]:
    """An open file, whose rows can be gone through once; raises TableError as `read` does."""
    name = file_name(path)
    with opened(path, name) as (stream, size):
        source = Bytes(stream)
        reader = _Reader(source, name, wish, dtype)
        yield CsvRows(path, wish, name, size, source, reader, progress, cancelled)


@dataclass(slots=True)
class CsvRows:
    """The rows of an open CSV file, of which none is kept."""

    path: str
    wish: TableWish
    name: str
    """The file's name, for messages."""
    _size: int | None
    _source: Bytes
    _reader: _Reader
    _progress: Progress
    _cancelled: Callable[[], bool]
    count: int = 0
    """How many rows have been read so far."""

    @property
    def columns(self) -> Selection:
        """Which columns there are, and which of them are used."""
        return self._reader.columns

    def blocks(self) -> Iterator[Vector]:
        """Some rows at a time, [rows, features + 1], the target last; raises TableError."""
        for block in self._reader.blocks():
            self.count += len(block)
            yield block
            self._progress(self._source.count, self._size)
            if self._cancelled():
                raise ReadCancelledError(f"reading {self.name} was cancelled")
        if self._size is not None and self._source.count < self._size:
            raise TableError(f"{self.name} became shorter while it was read")
        self._reader.check(self.count)

    def table(self, means: tuple[float, ...], scales: tuple[float, ...]) -> Table:
        """What was found, once all rows have been read."""
        columns = self.columns
        return Table(
            path=self.path,
            target=columns.target,
            features=columns.features,
            points=self.count,
            fingerprint=self._source.fingerprint,
            header=self._reader.header,
            missing=self.wish.missing,
            dropped=self._reader.dropped,
            ignored=columns.ignored,
            means=means,
            scales=scales,
            seed=self.wish.seed,
        )


def look(path: str, wish: TableWish) -> Selection:
    """Which columns a file has and which are wanted of it, by its first lines; as `read`."""
    name = file_name(path)
    with opened(path, name) as (stream, _):
        return _Reader(Bytes(stream), name, wish, "float64").columns


class _Reader:
    """The numbers of one file, from top to bottom."""

    def __init__(self, source: Bytes, name: str, wish: TableWish, dtype: Dtype) -> None:
        self._name = name
        with self._located():
            text = CsvText(source, name)
        self._layout = layout(text, wish.header)
        self._rows = self._layout.rows(text.lines)
        self._size = min(BATCH, 1 + BATCH_SIZE // max(map(len, text.sample)))
        if self._layout.header:
            next(filterfalse(is_blank, self._rows))
        self.columns = select(self._layout, wish.target, wish.features, name)
        self._refuse = wish.missing == "refuse"
        self._limit = float(np.finfo(dtype).max)
        self._dtype = dtype
        self._first_missing = ""
        self.dropped = 0
        """How many rows were left out because a number is missing in them."""

    @property
    def header(self) -> bool:
        """Whether the first row holds the names."""
        return self._layout.header

    def blocks(self) -> Iterator[Vector]:
        """Some rows at a time, [rows, features + 1], the target last."""
        line = self._rows.line_num + 1
        while batch := self._batch():
            yield self._quickly(batch, line)
            line = self._rows.line_num + 1

    def check(self, count: int) -> None:
        """Raise TableError where no rows are left, or some that were not to be dropped."""
        dropped = self.dropped
        if self._refuse and dropped:
            rows = "1 row has" if dropped == 1 else f"{dropped:,} rows have"
            raise TableError(
                f"{self._first_missing} is missing; {rows} a missing number: "
                "--drop-missing leaves such rows out"
            )
        if not count:
            what = "no row in which nothing is missing" if dropped else "a header but no rows"
            raise TableError(f"{self._name} has {what}")

    def _batch(self) -> list[list[str]]:
        with self._located():
            return list(islice(self._rows, self._size))

    @contextmanager
    def _located(self) -> Iterator[None]:
        """Raise TableError, with the line number, where a line or a cell is too long."""
        try:
            yield
        except csv.Error:
            what = f"a cell is longer than {csv.field_size_limit():,} characters; is a quote open?"
            raise TableError(f"{self._name}:{self._rows.line_num}: {what}") from None
        except LineTooLongError:
            what = f"a line that is longer than {LINE_LIMIT:,} bytes"
            raise TableError(f"{self._name} has {what}") from None

    def _quickly(self, rows: Sequence[Sequence[str]], line: int) -> Vector:
        """All rows at once; one by one where anything is not plainly a number."""
        block: Vector = np.empty((len(rows), len(self.columns.positions)))
        if set(map(len, rows)) != {len(self._layout.names)}:
            return self._carefully(rows, line)
        cells = tuple(zip(*rows, strict=True))
        try:
            for column, position in enumerate(self.columns.positions):
                block[:, column] = self._floats(cells[position])
        except ValueError:
            return self._carefully(rows, line)
        return block if (np.abs(block) <= self._limit).all() else self._carefully(rows, line)

    def _floats(self, cells: Sequence[str]) -> Vector:
        """Raises ValueError for what `number` does not take for one."""
        text = "".join(cells)
        if not text.isascii() or "_" in text:
            raise ValueError
        if self._layout.decimal == ",":
            if "." in text:
                raise ValueError
            cells = [cell.replace(",", ".") for cell in cells]
        return np.fromiter(map(float, cells), np.float64, len(cells))

    def _carefully(self, rows: Iterable[Sequence[str]], line: int) -> Vector:
        """Each row by itself, the first of them from `line`."""
        found: list[list[float] | None] = []
        for row in rows:
            if len(row) > 1 or not is_blank(row):
                found.append(self._row(row, line))
            line += 1 + sum(len(_BREAK.findall(cell)) for cell in row)
        whole = [numbers for numbers in found if numbers is not None]
        return np.array(whole, np.float64).reshape(-1, len(self.columns.positions))

    def _row(self, row: Sequence[str], line: int) -> list[float] | None:
        """The numbers wanted of a row; None where one is missing."""
        width = len(self._layout.names)
        if len(row) != width:
            what = f"{len(row)} columns where {width} are expected"
            raise TableError(f"{self._name}:{line}: {what}")
        numbers = []
        for position in self.columns.positions:
            value = number(row[position], self._layout.decimal)
            if value is None or not abs(value) <= self._limit:
                where = f'{self._name}:{line}: column "{self._layout.names[position]}"'
                self._miss(row[position], value, where)
                return None
            numbers.append(value)
        return numbers

    def _miss(self, cell: str, value: float | None, where: str) -> None:
        """Count a row whose number is missing; raise TableError where it is another trouble."""
        if not is_missing(cell):
            what = f"{visible(cell)} is too large for {self._dtype}"
            if value is None:
                what = f'"{visible(cell)}" is not a number'
            elif not isfinite(value):
                what = f"{visible(cell)} is not finite"
            raise TableError(f"{where}: {what}")
        self.dropped += 1
        self._first_missing = self._first_missing or where
