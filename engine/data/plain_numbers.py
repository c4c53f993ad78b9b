"""Plain decimal numbers of many rows at once, eight digits in a few operations on whole arrays.

Nothing but digits, points, minus signs, delimiters and line ends: whatever else stands in a text
is left to slower readers. A number of at most fifteen digits is a whole number that float64
holds exactly, over a power of ten that it holds exactly too, so the division rounds as Python's
`float` does: the same bits (W. D. Clinger, How to read floating point numbers accurately, 1990).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.data.arrays import Vector

Characters = NDArray[np.uint8]
Places = NDArray[np.intp]
_Words = NDArray[np.uint64]

_EXACT = 15
"""Most digits of a number whose nearest float64 one division finds."""
_WORD = 8
"""Digits that are read at once."""
_FEW = 3
"""Up to so many digits are faster read one by one."""
PAD = b"0" * 2 * _WORD
"""Before the text, so that sixteen characters can be read before every place of it."""
_TENS = 10.0 ** np.arange(_EXACT + 1)
_WHOLE_TENS = 10 ** np.arange(_EXACT + 1, dtype=np.uint64)
_DIGITS = b"0123456789"
_ZEROS = np.uint64(0x3030303030303030)
_PAIRS, _FOURS = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF)
_EIGHTS = np.uint64(0xFFFFFFFF)


class NumberParts(NamedTuple):
    """Where numbers begin, their decimal points, and where they end."""

    starts: Places
    points: Places
    """The end, where a number has no point."""
    ends: Places
    negative: NDArray[np.bool_] | None
    """Which of them begin with a minus sign; None: not one."""


def plain_rows(text: bytes, delimiter: str, width: int) -> Vector | None:
    """Rows of numbers, [rows, width]; None where anything is not as plain as can be.

    The text is whole lines, each ended by a line feed.
    """
    marks = text.translate(None, _DIGITS)
    row = delimiter.encode() * (width - 1) + b"\n"
    decimals = b"".join(b"." + row[i : i + 1] for i in range(width))
    padded = PAD + text
    characters = np.frombuffer(padded, np.uint8)
    if marks == decimals * (len(marks) // len(decimals)):
        parts: NumberParts | None = _decimals(characters)
    else:
        ends = marks.translate(None, b".-")
        if ends != row * (len(ends) // width):
            return None
        parts = _parts(characters, marks.count(b"-"))
    return None if parts is None else numbers(padded, characters, parts, width)


def float_rows(text: bytes, delimiter: str, width: int) -> Vector | None:
    """The same as Python reads them one by one: with exponents and any number of digits."""
    comma = delimiter.encode()
    marks = text.translate(None, _DIGITS + b".+-eE")
    if marks != (comma * (width - 1) + b"\n") * (len(marks) // width):
        return None
    cells = text.replace(b"\n", comma).split(comma)[:-1]
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells)).reshape(-1, width)
    except ValueError:
        return None


def _decimals(characters: Characters) -> NumberParts | None:
    """The parts where every number has its point, and none a sign."""
    marks = np.flatnonzero(no_digits(characters))
    if not len(marks):
        return None
    points, ends = marks.reshape(-1, 2).T
    return NumberParts(starts_of(ends), points, ends, None)


def _parts(characters: Characters, minuses: int) -> NumberParts | None:
    """The parts of numbers; None where one has two points, or a sign elsewhere than in front."""
    marks = np.flatnonzero(no_digits(characters))
    if not len(marks):
        return None
    kinds = characters[marks]
    point = kinds == ord(".")
    ends = marks[~(point | (kinds == ord("-")))]
    starts = starts_of(ends)
    negative = characters[starts] == ord("-")
    if np.count_nonzero(negative) != minuses:
        return None
    found = marks[point]
    owner = np.searchsorted(ends, found)
    if (owner[1:] == owner[:-1]).any():
        return None
    points = ends.copy()
    points[owner] = found
    return NumberParts(starts + negative, points, ends, negative)


def no_digits(characters: Characters) -> NDArray[np.bool_]:
    """Which characters are no digits."""
    # What is below `0` wraps around, to more than 9.
    return np.asarray(characters - np.uint8(ord("0")) > 9)


def starts_of(ends: Places) -> Places:
    """Where the numbers begin that end here."""
    starts = np.empty_like(ends)
    starts[0], starts[1:] = len(PAD), ends[:-1] + 1
    return starts


def numbers(padded: bytes, characters: Characters, parts: NumberParts, width: int) -> Vector | None:
    """The numbers; None where one has no digit, or more than can be read exactly."""
    whole = parts.points - parts.starts
    after = parts.ends - parts.points - 1
    if parts.negative is not None:  # else every number has a point
        np.maximum(after, 0, out=after)
    count = whole + after
    if count.min() < 1 or count.max() > _EXACT:
        return None
    words = np.ndarray((len(padded) - _WORD + 1,), "<u8", padded, strides=(1,))
    mantissa = _read(words, characters, parts.points, whole)
    if same := int(after[0]) if (after == after[0]).all() else None:
        mantissa = mantissa * _WHOLE_TENS[same] + _read(words, characters, parts.ends, after)
        found = mantissa.astype(np.float64) / _TENS[same]
    elif same is None:
        mantissa = mantissa * _WHOLE_TENS[after] + _read(words, characters, parts.ends, after)
        found = mantissa.astype(np.float64) / _TENS[after]
    else:
        found = mantissa.astype(np.float64)
    if parts.negative is not None:
        np.negative(found, out=found, where=parts.negative)
    rows: Vector = found.reshape(-1, width)
    return rows


def _read(words: _Words, characters: Characters, ends: Places, counts: Places) -> _Words:
    """The whole numbers of that many digits, up to 15, that end before these places."""
    longest = int(counts.max())
    if longest <= _FEW:
        return _few(characters, ends, counts, longest)
    low = _eight(words[ends - _WORD], np.minimum(counts, _WORD))
    if longest <= _WORD:
        return low
    high = _eight(words[ends - 2 * _WORD], np.maximum(counts - _WORD, 0))
    return high * np.uint64(10**_WORD) + low


def _few(characters: Characters, ends: Places, counts: Places, longest: int) -> _Words:
    """Numbers of few digits, one digit after another from the last."""
    shortest = int(counts.min())
    numbers = np.zeros(len(ends), np.uint64)
    for place in range(longest):
        digits = (characters[ends - (place + 1)] & 15) * _WHOLE_TENS[place]
        numbers += digits if place < shortest else np.where(counts > place, digits, 0)
    return numbers


def _eight(word: _Words, counts: Places) -> _Words:
    """The numbers that the last digits of eight characters make, up to eight of them.

    Neighbours are joined to pairs, pairs to fours, and fours to eight digits, within the word.
    """
    word ^= _ZEROS
    if (counts == counts[0]).all():
        counts = counts[:1]
    # Of half the digits to be dropped at a time: a shift by 64 bits is undefined.
    half = (_WORD - counts).astype(np.uint64) * np.uint64(4)
    word = word >> half >> half << half << half
    word = (word * np.uint64(10) + (word >> np.uint64(8))) & _PAIRS
    word = (word * np.uint64(100) + (word >> np.uint64(16))) & _FOURS
    return (word * np.uint64(10000) + (word >> np.uint64(32))) & _EIGHTS
