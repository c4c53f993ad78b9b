"""The columns of a Parquet file that pandas wrote of its index, or read as one from a CSV file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from engine.data.column_kinds import Column, is_index, only_counts, rows_said

_NAMELESS = re.compile(r"__index_level_\d+__")
"""What pandas calls an index that has no name."""
_INDEX = "is the index of pandas"


def with_indices(
    columns: Sequence[Column], pandas: str, first: Sequence[str]
) -> tuple[Column, ...]:
    """The columns, with those that are an index by what `pandas` says and the `first` one holds."""
    levels = _index_columns(pandas)
    found = [_of_pandas(one, levels) for one in columns]
    if found and not found[0].index and is_index(found[0].title, first):
        counts = only_counts(found[0].title, first)
        found[0] = replace(found[0], index=rows_said(found[0].kind), counts=counts)
    return tuple(found)


def _of_pandas(column: Column, levels: Sequence[object]) -> Column:
    nameless = bool(_NAMELESS.fullmatch(column.title))
    if not nameless and column.title not in levels:
        return column
    return replace(column, index=_INDEX, counts=nameless)


def _index_columns(text: str) -> Sequence[object]:
    """The names of the columns that are an index, by what pandas writes into a file."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):  # it belongs to no reader but pandas
        return ()
    levels = found.get("index_columns") if isinstance(found, dict) else None
    return levels if isinstance(levels, list) else ()
