"""A Parquet file as training data, batch by batch: read by polars, of which none is kept."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from engine.data.arrays import Vector
from engine.data.bad_rows import missing_in, out_of_range
from engine.data.column_choice import Selection, select
from engine.data.column_kinds import Kind, named
from engine.data.file_kind import PARQUET, table_text
from engine.data.input_file import opened
from engine.data.parquet_index import with_indices
from engine.data.parquet_process import ParquetProcess, parquet_process
from engine.data.reading import Reading
from engine.data.source import Table, TableError
from engine.data.table_wish import ReadCancelledError
from engine.data.unmet_values import UnmetValues

_Mask = NDArray[np.bool_]

_PIECE = 1 << 20
"""Bytes read at a time for the digest."""
_NO_POLARS = "a Parquet file needs polars: pip install 'linreg-tui[polars]'"


def is_parquet(path: str) -> bool:
    """Whether a path names a Parquet file, by its ending."""
    return Path(path).suffix.casefold() in (".parquet", ".pq")


@contextmanager
def parquet_rows(reading: Reading) -> Iterator[ParquetRows]:
    """A Parquet file, whose rows can be gone through once; raises TableError, from inside too."""
    path, name = reading.path, reading.name
    if find_spec("polars") is None:
        raise TableError(_NO_POLARS)
    wish = reading.wish
    given = {"skip-rows": wish.skip_rows, "encoding": wish.encoding, "decimal": wish.decimal}
    for option in filter(given.__getitem__, given):
        raise TableError(f"{name} is no text, which --{option} is for")
    try:
        with opened(path, name) as (stream, _):  # why it cannot be read, in other files' words
            _refuse_others(stream, name)
        with parquet_process(path, name) as process:
            yield ParquetRows(reading, process)
    except OSError as error:  # it is gone, or its disk is
        raise TableError(f"cannot read {name}: {error.strerror or error}") from None


class ParquetRows:
    """The rows of a Parquet file, of which none is kept."""

    def __init__(self, reading: Reading, process: ParquetProcess) -> None:
        self.count = 0
        """How many rows have been read so far, without those that were dropped."""
        self._reading, self._process = reading, process
        self._limit, self._absent = reading.limit, reading.wish.missing_numbers()
        self._unmet = UnmetValues(reading.wish.missing_values)
        self._dropped = 0
        self._lacking: Counter[str] = Counter()

    @cached_property
    def columns(self) -> Selection:
        """Which columns there are, and which of them are used."""
        about, wish = self._process.about, self._reading.wish
        columns = named(about["names"], [_kind(what) for what in about["kinds"]])
        columns = with_indices(columns, about["pandas"], about["first"])
        return select(columns, wish.target, wish.features, self._reading.name)

    def blocks(self) -> Iterator[Vector]:
        """Some rows at a time, [rows, features + 1], the target last; raises TableError."""
        total = max(self._process.about["rows"], 1)
        for block in self._process.blocks(self.columns.positions):
            yield self._whole(block)
            size = Path(self._reading.path).stat().st_size
            self._reading.progress(size * (self.count + self._dropped) // total, size)
            if self._reading.cancelled():
                raise ReadCancelledError(f"reading {self._reading.name} was cancelled")
        if not self.count:
            what = "no row in which nothing is missing" if self._dropped else "no rows"
            raise TableError(f"{self._reading.name} has {what}")

    def table(self, means: tuple[float, ...], scales: tuple[float, ...]) -> Table:
        """What was found, once all rows have been read; reads the file again for its digest."""
        reading = self._reading
        missing = [missing_in(self._lacking)] if self._lacking else []
        digest = blake2b(digest_size=16)
        with opened(reading.path, reading.name) as (stream, _):
            while piece := stream.read(_PIECE):
                digest.update(piece)
        return replace(
            reading.table(self.columns, self.count, digest.hexdigest()),
            dropped=self._dropped,
            means=means,
            scales=scales,
            notes=(*self.columns.notes, *missing, *self._unmet.said),
        )

    def _whole(self, block: Vector) -> Vector:
        """The rows in which no number is missing; raises TableError where that is not wanted."""
        absent = np.isin(block, self._absent)
        self._unmet.meet_numbers(set(block[absent].tolist()))
        missing = np.isnan(block) | absent
        self._refuse(missing, ~missing & ~(np.abs(block) <= self._limit), block)
        kept = ~missing.any(1)
        names = (*self.columns.features, self.columns.target)
        self._lacking.update(names[at] for at in missing[~kept].argmax(1))
        self.count += int(kept.sum())
        self._dropped += len(block) - int(kept.sum())
        return block[kept]

    def _refuse(self, missing: _Mask, beyond: _Mask, block: Vector) -> None:
        """Raise TableError for the first number that is out of range, or missing and wanted."""
        refused = self._reading.wish.missing == "refuse"
        wrong = missing | beyond if refused else beyond
        if not wrong.any():
            return
        row, column = np.argwhere(wrong)[0]
        name = (*self.columns.features, self.columns.target)[column]
        where = (
            f'{self._reading.name}: row {self.count + self._dropped + row + 1:,}: column "{name}"'
        )
        if missing[row, column]:
            raise TableError(f"{where} has no number; --drop-missing leaves such rows out")
        number = float(block[row, column])
        raise TableError(f"{where} is {out_of_range(number, self._reading.dtype, str(number))}")


def _refuse_others(stream: BinaryIO, name: str) -> None:
    """Raise TableError for what is no Parquet file, by its true name where that is known."""
    buffered = cast(io.BufferedReader, stream)
    if buffered.peek(len(PARQUET))[: len(PARQUET)] == PARQUET:
        return
    table_text(buffered, name)
    raise TableError(
        f"cannot read {name}: it is no Parquet file, as its name says; "
        "text is read where the name ends otherwise, as in .csv"
    )


def _kind(what: str) -> Kind:
    """What a column that holds this is."""
    truth = what == "truth values"
    return Kind(truth or what == "numbers", truth=truth, what=what)
