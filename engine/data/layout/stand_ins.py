"""Numbers such as -999 that may stand for missing ones: told, for only who has the data knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.data.cells import is_missing, measured
from engine.data.column_kinds import Column
from engine.data.table_wish import TableWish

_NINES = re.compile(r"\s*[-−]?9{2,9}([.,](0*|9+))?\s*")
"""Nines alone, as they are written in many sciences."""
_FILLS = frozenset(
    (-6666.0, -7777.0, -8888.0, -32768.0, 32767.0, 65535.0, -2147483648.0, 2147483647.0, 1e20,
     1e30, -1e30, 9.96921e36)
)  # fmt: skip
"""What instruments and their formats fill gaps with."""
_FAR = 3
"""So many times the spread of all others away from them."""
_LEAST = 3
"""Others that there must be."""


def standing_in(
    columns: Sequence[Column],
    cells: Sequence[Sequence[str]],
    decimal: str,
    wish: TableWish,
) -> Iterator[str]:
    """What may stand for a missing number in columns of these cells, a line each.

    But for what is known from the wish to do so.
    """
    missing, known = wish.missing_words, set(wish.missing_numbers(decimal))
    for column, texts in zip(columns, cells, strict=True):
        if not column.kind.numeric or column.kind.truth or column.index:
            continue
        held = [text for text in texts if not is_missing(text, missing)]
        numbers = _numbers(held, decimal)
        written = dict(zip(numbers, held, strict=True)) if len(numbers) == len(held) else {}
        nines = {number for number, text in written.items() if _NINES.fullmatch(text)}
        found = nines | (written.keys() & _FILLS) | _least_held_twice(numbers)
        others = [number for number in written if number not in found | known]
        if len(others) < _LEAST:
            continue
        low, high = min(others), max(others)
        for one in sorted(found & written.keys() - known):
            if max(low - one, one - high) > _FAR * (high - low):
                word = written[one].strip().replace("−", "-")
                yield f"{word} stands in {column.name}, far from all else: --missing {word}?"


def _numbers(cells: Sequence[str], decimal: str) -> list[float]:
    """The numbers in cells; fewer than there are cells where some hold none."""
    try:
        return list(map(float, cells)) if decimal == "." else _measured(cells, decimal)
    except ValueError:
        return _measured(cells, decimal)


def _measured(cells: Sequence[str], decimal: str) -> list[float]:
    return [found[0] for cell in cells if (found := measured(cell, decimal))]


def _least_held_twice(numbers: Sequence[float]) -> set[float]:
    """The least number, where it is negative, whole, and stands more than once."""
    low = min(numbers, default=0.0)
    return {low} if low < 0 and low.is_integer() and numbers.count(low) > 1 else set()
