"""A Parquet file as training data, batch by batch: read by polars, of which none is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.data.arrays import Vector
from engine.data.column_choice import Selection, select
from engine.data.csv_layout import Layout, TableError, visible
from engine.data.csv_reader import Progress, ReadCancelledError, TableWish
from engine.data.input_file import file_name, opened
from engine.data.source import Table

if TYPE_CHECKING:
    import polars

BATCH = 1 << 17
"""Numbers of a batch, about."""
PIECE = 1 << 20
"""Bytes read at a time for the digest."""
MISSING = "a Parquet file needs polars: pip install 'linreg-tui[polars]'"


def is_parquet(path: str) -> bool:
    """Whether a path names a Parquet file, by its ending."""
    return Path(path).suffix.casefold() in (".parquet", ".pq")


@contextmanager
def parquet_rows(
    path: str,
    wish: TableWish,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[ParquetRows]:
    """A Parquet file, whose rows can be gone through once; raises TableError, from inside too."""
    name = file_name(path)
    try:
        # Late: an optional dependency, and as large as torch's own import.
        import polars
    except ImportError:
        raise TableError(MISSING) from None
    try:
        with opened(path, name):  # says why it cannot be read, in the words of other files
            pass
        yield ParquetRows(path, wish, name, polars.scan_parquet(path), progress, cancelled)
    except polars.exceptions.PolarsError as error:
        raise TableError(f"cannot read {name}: {visible(str(error), 120)}") from None


@dataclass
class ParquetRows:
    """The rows of a Parquet file, of which none is kept."""

    path: str
    wish: TableWish
    name: str
    """The file's name, for messages."""
    _frame: polars.LazyFrame
    _progress: Progress
    _cancelled: Callable[[], bool]
    count: int = 0
    """How many rows have been read so far, without those that were dropped."""
    _dropped: int = 0

    @cached_property
    def columns(self) -> Selection:
        """Which columns there are, and which of them are used."""
        schema = self._frame.collect_schema()
        numeric = tuple(kind.is_numeric() for kind in schema.dtypes())
        layout = Layout(",", ".", tuple(schema.names()), header=True, numeric=numeric)
        return select(layout, self.wish.target, self.wish.features, self.name)

    def blocks(self) -> Iterator[Vector]:
        """Some rows at a time, [rows, features + 1], the target last; raises TableError."""
        import polars

        used = [*self.columns.features, self.columns.target]
        numbers = self._frame.select(polars.col(used).cast(polars.Float64))
        total = self._frame.select(polars.len()).collect().item()
        for batch in numbers.collect_batches(chunk_size=BATCH // len(used), maintain_order=True):
            yield self._whole(batch.to_numpy(), used)
            size = Path(self.path).stat().st_size
            self._progress(size * (self.count + self._dropped) // max(total, 1), size)
            if self._cancelled():
                raise ReadCancelledError(f"reading {self.name} was cancelled")
        if not self.count:
            what = "no row in which nothing is missing" if self._dropped else "no rows"
            raise TableError(f"{self.name} has {what}")

    def table(self, means: tuple[float, ...], scales: tuple[float, ...]) -> Table:
        """What was found, once all rows have been read; reads the file again for its digest."""
        columns = self.columns
        digest = blake2b(digest_size=16)
        with opened(self.path, self.name) as (stream, _):
            while piece := stream.read(PIECE):
                digest.update(piece)
        return Table(
            path=self.path,
            target=columns.target,
            features=columns.features,
            points=self.count,
            fingerprint=digest.hexdigest(),
            missing=self.wish.missing,
            dropped=self._dropped,
            ignored=columns.ignored,
            means=means,
            scales=scales,
            seed=self.wish.seed,
        )

    def _whole(self, block: Vector, used: list[str]) -> Vector:
        """The rows in which no number is missing; raises TableError where that is not wanted."""
        finite = np.isfinite(block)
        kept = finite.all(1)
        if not kept.all():
            row = int(kept.argmin())
            column = visible(used[int(finite[row].argmin())])
            where = f'{self.name}: row {self.count + self._dropped + row + 1:,}: column "{column}"'
            if np.isinf(block).any():
                raise TableError(f"{where} is not finite")
            if self.wish.missing == "refuse":
                raise TableError(f"{where} is missing; --drop-missing leaves such rows out")
        self.count += int(kept.sum())
        self._dropped += len(block) - int(kept.sum())
        return block[kept]
