"""Tables, and the few whose numbers stay in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.data.arrays import Gathered
from engine.data.column_choice import Selection
from engine.data.reading import Reading
from engine.data.source import STDIN, Dtype, Table, TableError
from engine.data.table_difference import difference
from engine.data.table_reader import look, read
from engine.data.table_wish import USUAL, Progress, TableWish

KEPT = 2
"""The number of tables whose numbers stay in memory."""

_kept: dict[tuple[Table, Dtype], Gathered] = {}


def read_table(
    path: str | Path,
    wish: TableWish = USUAL,
    *,
    dtype: Dtype = "float32",
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Table:
    """Read a file of columns, or standard input for `-`; raises TableError in one line.

    Found by themselves, where the wish leaves it open: delimiter (comma, semicolon, tab, bar,
    space), the mark before decimals and between thousands, units, encoding, what stands above the
    table, and whether there is a header; the table's notes say what was found. The target is by
    default the last column of numbers, the features are all others. Empty cells and words like
    NA are missing numbers. The numbers stay in memory for problems of this dtype; progress and
    cancellation are looked at every hundred kilobytes or so.
    """
    if not str(path):
        raise TableError("a file without a name cannot be read")
    location = str(path) if str(path) == STDIN else str(Path(path).absolute())
    table, numbers = read(Reading(location, wish, dtype, progress, cancelled))
    _keep(table, dtype, numbers)
    return table


def columns(path: str | Path, wish: TableWish) -> Selection:
    """The columns that `read_table` would use, by a file's first lines; raises TableError."""
    return look(str(path), wish)


def load(
    table: Table,
    dtype: Dtype,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Gathered:
    """A table's numbers, from memory or read again; raises TableError where the file changed."""
    kept = _kept.pop((table, dtype), None)
    if kept is not None:
        _kept[table, dtype] = kept  # the last one to go
        return kept
    found, numbers = _read_again(Reading(table.path, _wish(table), dtype, progress, cancelled))
    if difference(table, found):
        raise TableError(_changed(table, found))
    if found != table:  # in what an earlier program did not say of a file
        _keep(table, dtype, numbers)
    return numbers


def in_other_units(
    table: Table,
    dtype: Dtype,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Table:
    """The same columns standardised, or no longer so; raises TableError where the file changed."""
    wish = replace(_wish(table), standardise=not table.standardise)
    found, _ = _read_again(Reading(table.path, wish, dtype, progress, cancelled))
    if found.fingerprint != table.fingerprint:
        raise TableError(_changed(table, found))
    return found


def read_alike(
    table: Table,
    path: Path,
    dtype: Dtype,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Table:
    """Read the same columns in the same way from another file; raises TableError.

    What is found may differ from `table` in more than its path: `difference` says in what.
    """
    there = str(path.absolute())
    found, _ = _read_again(Reading(there, _wish(table), dtype, progress, cancelled))
    return found


def _wish(table: Table) -> TableWish:
    """What reads a table as it was read."""
    return TableWish(
        target=table.target,
        features=table.features,
        standardise=table.standardise,
        missing=table.missing,
        header=table.header,
        seed=table.seed,
        decimal=table.decimal,
        missing_values=table.missing_values,
        skip_rows=table.skip_rows,
        encoding=table.encoding,
    )


def _read_again(reading: Reading) -> tuple[Table, Gathered]:
    if reading.path == STDIN:
        raise TableError("what came by standard input cannot be read again")
    found, numbers = read(reading)
    _keep(found, reading.dtype, numbers)
    return found, numbers


def _changed(then: Table, now: Table) -> str:
    return f"{Path(then.path).name} has changed since it was read: {difference(then, now)}"


def _keep(table: Table, dtype: Dtype, numbers: Gathered) -> None:
    _kept[table, dtype] = numbers
    while len(_kept) > KEPT:
        _kept.pop(next(iter(_kept)), None)
