"""Files of columns as training data: read once, piece by piece, into the arrays to train on.

Numbers are parsed as float64 and only then held as the dtype of the training; those to be
standardised relative to a number near their mean, so that timestamps keep their digits in
float32.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from math import isfinite

from engine.data.arrays import Gathered, Gatherer
from engine.data.column_choice import Selection
from engine.data.csv_reader import CsvRows, csv_rows
from engine.data.parquet_rows import ParquetRows, is_parquet, parquet_rows
from engine.data.reading import Reading
from engine.data.source import POINTS_LIMIT, Table, TableError
from engine.data.table_wish import TableWish


def read(reading: Reading) -> tuple[Table, Gathered]:
    """A file's table and its numbers; raises TableError, with the line number where known."""
    with table_rows(reading) as rows:
        features = rows.columns.features
        standardise = reading.wish.standardise
        gatherer = Gatherer(len(features), reading.dtype, standardise=standardise)
        for block in rows.blocks():
            gatherer.add(block)
            if gatherer.count > POINTS_LIMIT:
                raise TableError(f"{reading.name} has more than {POINTS_LIMIT:,} rows")
        found = gatherer.finish()
        for column, scale in zip(features, found.scales, strict=False):
            if not (scale and isfinite(scale)):
                how = "far" if scale else "little"
                what = f'column "{column}" spreads too {how} to be standardised'
                raise TableError(f"{reading.name}: {what}")
        return rows.table(found.means, found.scales), found


def look(path: str, wish: TableWish) -> Selection:
    """Which columns a file has and which are wanted of it, by its beginning; as `read`."""
    with table_rows(Reading(path, wish, "float64")) as rows:
        return rows.columns


def table_rows(reading: Reading) -> AbstractContextManager[CsvRows | ParquetRows]:
    """The rows of a file of either format, to be gone through once; raises TableError."""
    return parquet_rows(reading) if is_parquet(reading.path) else csv_rows(reading)
