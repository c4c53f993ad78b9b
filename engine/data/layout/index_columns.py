"""The columns that only number or name the rows: nothing is learned from them unasked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.data.column_kinds import (
    Column,
    follows,
    is_empty,
    is_index,
    numbers_rows,
    only_counts,
    rows_said,
)

_X_AND_Y = 2
_MANY = 10
"""Rows whose numbers follow each other not by chance, where no name says that they count them."""


def with_indices(
    columns: Sequence[Column],
    cells_of: Sequence[Sequence[str]],
    *,
    header: bool,
    numbered: bool,
) -> tuple[Column, ...]:
    """The columns, of which those of these cells that are an index are known to be.

    `numbered`: the first one is beyond doubt.
    """
    held = (at for at, one in enumerate(columns) if one.title or not is_empty(one.kind))
    first = 0 if numbered else next(held, 0)  # before it the edge of a drawn table may stand
    found = list(columns)
    for at, (column, cells) in enumerate(zip(columns, cells_of, strict=True)):
        if at != first:
            known = header and numbers_rows(column.title, cells)
        elif header:
            known = numbered or is_index(column.title, cells)
        else:
            known = numbered or (len(columns) > _X_AND_Y and follows(cells, _MANY))
        if known:
            counts = only_counts(column.title, cells)
            found[at] = replace(column, index=rows_said(column.kind), counts=counts)
    return tuple(found)
