"""Plain decimal numbers in some columns among others that may hold anything, many rows at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.data.arrays import Vector
from engine.data.plain_numbers import (
    PAD,
    Characters,
    NumberParts,
    Places,
    no_digits,
    numbers,
    starts_of,
)


def mixed_rows(text: bytes, delimiter: str, width: int, positions: Sequence[int]) -> Vector | None:
    """The numbers of some columns, [rows, columns]; None where a row or cell is not plain.

    The text is whole lines, each ended by a line feed. Cells may be quoted, but with nothing in
    them that needs quotes.
    """
    padded = PAD + text
    characters = np.frombuffer(padded, np.uint8)
    comma = ord(delimiter)
    ends = np.flatnonzero((characters == comma) | (characters == ord("\n")))
    if not len(ends) or len(ends) % width:
        return None
    breaks = (characters[ends] == ord("\n")).reshape(-1, width)
    if breaks[:, :-1].any() or not breaks[:, -1].all():
        return None
    starts = starts_of(ends)
    quoted = _quoted(characters, starts, ends) if b'"' in text else np.zeros(len(ends), np.bool_)
    if quoted is None:
        return None
    columns = list(positions)
    starts, ends = (
        places.reshape(-1, width)[:, columns].ravel() for places in (starts + quoted, ends - quoted)
    )
    parts = _parts(characters, starts, ends)
    return None if parts is None else numbers(padded, characters, parts, len(columns))


def _quoted(characters: Characters, starts: Places, ends: Places) -> NDArray[np.bool_] | None:
    """Which cells are quoted; None where a quote stands elsewhere than around a cell."""
    quotes = np.flatnonzero(characters == ord('"'))
    if len(quotes) % 2:
        return None
    opened, closed = quotes.reshape(-1, 2).T
    cells = np.searchsorted(ends, opened)
    if (starts[cells] != opened).any() or (ends[cells] - 1 != closed).any():
        return None
    quoted = np.zeros(len(ends), np.bool_)
    quoted[cells] = True
    return quoted


def _parts(characters: Characters, starts: Places, ends: Places) -> NumberParts | None:
    """The parts of numbers; None where one holds anything but digits, a point and a sign."""
    negative = characters[starts] == ord("-")
    points = np.append(np.flatnonzero(characters == ord(".")), len(characters))
    first = np.searchsorted(points, starts)
    many = np.searchsorted(points, ends) - first
    if many.any() and many.max() > 1:
        return None
    others = np.concatenate(([0], np.cumsum(no_digits(characters))))
    if (others[ends] - others[starts] != many + negative).any():
        return None
    return NumberParts(starts + negative, np.minimum(points[first], ends), ends, negative)
