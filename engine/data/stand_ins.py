"""Numbers such as -999 that may stand for missing ones: told, for only who has the data knows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from engine.data.cells import is_missing, measured
from engine.data.column_kinds import Column

_NINES = re.compile(r"\s*[-−]?9{2,9}([.,]0*)?\s*")
"""Nines alone, as they are written in many sciences."""
_FAR = 3
"""So many times the spread of all others away from them."""
_LEAST = 3
"""Others that there must be."""


def standing_in(
    columns: Sequence[Column],
    cells: Sequence[Sequence[str]],
    decimal: str,
    missing: Collection[str],
) -> Iterator[str]:
    """What may stand for a missing number in columns of these cells, a line each.

    `missing` are the words that do, in lower case.
    """
    for column, texts in zip(columns, cells, strict=True):
        if not column.kind.numeric or column.index:
            continue
        if not any(map(_NINES.fullmatch, texts)):
            continue
        held = [text for text in texts if not is_missing(text, missing)]
        nines = filter(_NINES.fullmatch, held)
        found = {number[0] for text in nines if (number := measured(text, decimal))}
        numbers = [number[0] for text in held if (number := measured(text, decimal))]
        others = [number for number in numbers if number not in found]
        if len(others) < _LEAST:
            continue
        low, high = min(others), max(others)
        for one in sorted(found):
            if max(low - one, one - high) > _FAR * (high - low):
                word = f"{one:.0f}"
                yield f"{word} stands in {column.name}, far from all else: --missing {word}?"
