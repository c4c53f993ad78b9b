"""A Parquet file as training data, batch by batch: read by polars, of which none is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.data.arrays import Vector
from engine.data.bad_rows import missing_in
from engine.data.cells import visible
from engine.data.column_choice import Selection, select
from engine.data.column_kinds import Kind, named
from engine.data.file_kind import PARQUET
from engine.data.input_file import opened
from engine.data.parquet_index import with_indices
from engine.data.reading import Reading
from engine.data.source import Table, TableError
from engine.data.table_wish import ReadCancelledError
from engine.data.text_lines import SAMPLE_ROWS

if TYPE_CHECKING:
    import polars

_Mask = NDArray[np.bool_]

_BATCH = 1 << 16
"""Rows of a batch, about."""
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
    try:
        # Late: an optional dependency, and as large as torch's own import.
        import polars
    except ImportError:
        raise TableError(_NO_POLARS) from None
    try:
        with opened(path, name) as (stream, _):  # why it cannot be read, in other files' words
            if stream.read(len(PARQUET)) != PARQUET:
                raise TableError(f"cannot read {name}: it is no Parquet file, as its name says")
        metadata = polars.read_parquet_metadata(path)
        yield ParquetRows(reading, polars.scan_parquet(path, glob=False), metadata)
    except polars.exceptions.PolarsError as error:
        raise TableError(f"cannot read {name}: {visible(str(error), 120)}") from None
    except OSError as error:  # it is gone, or its disk is
        raise TableError(f"cannot read {name}: {error.strerror or error}") from None


class ParquetRows:
    """The rows of a Parquet file, of which none is kept."""

    def __init__(
        self, reading: Reading, frame: polars.LazyFrame, metadata: Mapping[str, str]
    ) -> None:
        self.count = 0
        """How many rows have been read so far, without those that were dropped."""
        self._reading, self._frame, self._metadata = reading, frame, metadata
        self._limit, self._absent = reading.limit, reading.absent()
        self._dropped = 0
        self._lacking: Counter[str] = Counter()

    @cached_property
    def columns(self) -> Selection:
        """Which columns there are, and which of them are used."""
        schema = self._frame.collect_schema()
        columns = named(schema.names(), [_kind(kind) for kind in schema.dtypes()])
        columns = with_indices(columns, self._metadata, self._first_cells(schema))
        wish = self._reading.wish
        return select(columns, wish.target, wish.features, self._reading.name)

    def _first_cells(self, schema: polars.Schema) -> list[str]:
        """The first cells of the first column, where it may number or name the rows."""
        import polars

        if not any(kind.is_integer() or kind == polars.String for kind in schema.dtypes()[:1]):
            return []
        cells = self._frame.select(polars.nth(0).cast(polars.String)).head(SAMPLE_ROWS).collect()
        return [cell or "" for cell in cells.to_series()]

    def blocks(self) -> Iterator[Vector]:
        """Some rows at a time, [rows, features + 1], the target last; raises TableError."""
        import polars

        # By their places: a name may look like a pattern for several.
        used = polars.nth(*self.columns.positions)
        numbers = self._frame.select(used.cast(polars.Float64, strict=True))
        total = self._frame.select(polars.len()).collect().item()
        for batch in numbers.collect_batches(chunk_size=_BATCH, maintain_order=True):
            yield self._whole(batch.to_numpy())
            size = Path(self._reading.path).stat().st_size
            self._reading.progress(size * (self.count + self._dropped) // max(total, 1), size)
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
            notes=(*self.columns.notes, *missing),
        )

    def _whole(self, block: Vector) -> Vector:
        """The rows in which no number is missing; raises TableError where that is not wanted."""
        missing = np.isnan(block) | np.isin(block, self._absent)
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
        number = block[row, column]
        problem = f"too large for {self._reading.dtype}" if np.isfinite(number) else "not finite"
        raise TableError(f"{where} is {problem}")


def _kind(dtype: polars.DataType) -> Kind:
    """What a column of this type holds."""
    if dtype.is_numeric():
        return Kind(numeric=True)
    if str(dtype) == "Boolean":
        return Kind(numeric=True, truth=True)
    return Kind(numeric=False, what="dates" if dtype.is_temporal() else "text")
