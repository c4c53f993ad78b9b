"""CSV files as training data: read once, chunk by chunk, straight into the arrays to train on.

`csv` of the standard library parses: written in C, it comes with Python, knows where it is to
the line, and reads some two million rows a second. Numbers are parsed as float64 and only then
held as the dtype of the training; those to be standardised relative to a number near their
mean, so that timestamps keep their digits in float32.
"""

from __future__ import annotations

import csv
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import filterfalse, islice
from math import isfinite
from pathlib import Path
from typing import BinaryIO

import numpy as np

from engine.data.arrays import Gathered, Gatherer, Vector
from engine.data.column_choice import Selection, select
from engine.data.csv_layout import (
    LINE_LIMIT,
    Bytes,
    LineTooLongError,
    TableError,
    Text,
    is_blank,
    is_missing,
    layout,
    number,
    visible,
)
from engine.data.source import POINTS_LIMIT, Dtype, Missing, Table

STDIN = "-"
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
class Wish:
    """What is wanted of a file; without a choice of columns, all that hold numbers."""

    target: str | None = None
    """None: the last column that holds numbers."""
    features: tuple[str, ...] = ()
    """Names of the feature columns; empty: all but the target that hold numbers."""
    standardise: bool = False
    missing: Missing = "refuse"
    header: bool | None = None
    """Whether the first row holds names; None: as it looks."""
    seed: int = 0


def read(
    path: str,
    wish: Wish,
    dtype: Dtype,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Table, Gathered]:
    """A file's table and its numbers; raises TableError, with the place where there is one."""
    name = _name(path)
    with _opened(path, name) as (stream, size):
        source = Bytes(stream)
        reader = _Reader(source, name, wish, dtype)
        gatherer = Gatherer(len(reader.columns.features), dtype, standardise=wish.standardise)
        for block in reader.blocks():
            gatherer.add(block)
            progress(source.count, size)
            if cancelled():
                raise ReadCancelledError(f"reading {name} was cancelled")
            if gatherer.count > POINTS_LIMIT:
                raise TableError(f"{name} has more than {POINTS_LIMIT:,} rows")
        if size is not None and source.count < size:
            raise TableError(f"{name} became shorter while it was read")
    reader.check(gatherer.count)
    found, columns = gatherer.finish(), reader.columns
    for column, scale in zip(columns.features, found.scales, strict=False):
        if not isfinite(scale):
            raise TableError(f'{name}: column "{column}" spreads too far to be standardised')
    table = Table(
        path=path,
        target=columns.target,
        features=columns.features,
        points=gatherer.count,
        fingerprint=source.fingerprint,
        header=reader.header,
        missing=wish.missing,
        dropped=reader.dropped,
        ignored=columns.ignored,
        means=found.means,
        scales=found.scales,
        seed=wish.seed,
    )
    return table, found


def look(path: str, wish: Wish) -> Selection:
    """Which columns a file has and which are wanted of it, by its first lines; as `read`."""
    name = _name(path)
    with _opened(path, name) as (stream, _):
        return _Reader(Bytes(stream), name, wish, "float64").columns


def _name(path: str) -> str:
    return "standard input" if path == STDIN else visible(Path(path).name or path, 80)


@contextmanager
def _opened(path: str, name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The bytes of a file, or of standard input, and how many there are."""
    try:
        with _stream(path, name) as stream:
            status = os.fstat(stream.fileno())
            yield stream, status.st_size if stat.S_ISREG(status.st_mode) else None
    except OSError as error:
        raise TableError(f"cannot read {name}: {error.strerror or error}") from error


def _stream(path: str, name: str) -> BinaryIO:
    if path == STDIN:
        return os.fdopen(0, "rb", closefd=False)
    try:
        return Path(path).open("rb")
    except ValueError:  # a NUL, or half of a pair of surrogates
        raise TableError(f"cannot read {name}: no file can have this name") from None


class _Reader:
    """The numbers of one file, from top to bottom."""

    def __init__(self, source: Bytes, name: str, wish: Wish, dtype: Dtype) -> None:
        self._name = name
        with self._placed():
            text = Text(source, name)
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
            raise TableError(f"{self._first_missing} is missing; {rows} a missing number")
        if not count:
            what = "no row in which nothing is missing" if dropped else "a header but no rows"
            raise TableError(f"{self._name} has {what}")

    def _batch(self) -> list[list[str]]:
        with self._placed():
            return list(islice(self._rows, self._size))

    @contextmanager
    def _placed(self) -> Iterator[None]:
        """Says where a line or a cell is too long."""
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
        block: Vector = np.empty((len(rows), len(self.columns.places)))
        if set(map(len, rows)) != {len(self._layout.names)}:
            return self._carefully(rows, line)
        cells = tuple(zip(*rows, strict=True))
        try:
            for column, place in enumerate(self.columns.places):
                block[:, column] = self._floats(cells[place])
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
        return np.array(whole, np.float64).reshape(-1, len(self.columns.places))

    def _row(self, row: Sequence[str], line: int) -> list[float] | None:
        """The numbers wanted of a row; None where one is missing."""
        width = len(self._layout.names)
        if len(row) != width:
            what = f"{len(row)} columns where {width} are expected"
            raise TableError(f"{self._name}:{line}: {what}")
        numbers = []
        for place in self.columns.places:
            value = number(row[place], self._layout.decimal)
            if value is None or not abs(value) <= self._limit:
                where = f'{self._name}:{line}: column "{self._layout.names[place]}"'
                self._miss(row[place], value, where)
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
