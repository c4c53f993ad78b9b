"""Files of columns as training data: read once, piece by piece, into the arrays to train on.

Numbers are parsed as float64 and only then held as the dtype of the training; those to be
standardised relative to a number near their mean, so that timestamps keep their digits in
float32.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from math import isfinite

from engine.data.arrays import Gathered, Gatherer
from engine.data.column_choice import Selection
from engine.data.csv_reader import CsvRows, csv_rows
from engine.data.parquet_rows import ParquetRows, is_parquet, parquet_rows
from engine.data.source import POINTS_LIMIT, Dtype, Table, TableError
from engine.data.table_wish import Progress, TableWish


def read(
    path: str,
    wish: TableWish,
    dtype: Dtype,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Table, Gathered]:
    """A file's table and its numbers; raises TableError, with the line number where known."""
    with _rows(path, wish, dtype, progress, cancelled) as rows:
        features = rows.columns.features
        gatherer = Gatherer(len(features), dtype, standardise=wish.standardise)
        for block in rows.blocks():
            gatherer.add(block)
            if gatherer.count > POINTS_LIMIT:
                raise TableError(f"{rows.name} has more than {POINTS_LIMIT:,} rows")
        found = gatherer.finish()
        for column, scale in zip(features, found.scales, strict=False):
            if not isfinite(scale):
                what = f'column "{column}" spreads too far to be standardised'
                raise TableError(f"{rows.name}: {what}")
        return rows.table(found.means, found.scales), found


def look(path: str, wish: TableWish) -> Selection:
    """Which columns a file has and which are wanted of it, by its beginning; as `read`."""
    with _rows(path, wish, "float64", lambda done, total: None, lambda: False) as rows:
        return rows.columns


def _rows(
    path: str,
    wish: TableWish,
    dtype: Dtype,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> AbstractContextManager[CsvRows | ParquetRows]:
    if is_parquet(path):
        return parquet_rows(path, wish, progress, cancelled, dtype)
    return csv_rows(path, wish, dtype, progress, cancelled)
