"""Rows and lines of a text that are not the same, since quoted cells go over several lines."""

from __future__ import annotations

import re

_QUOTED = re.compile(rb'(?<![^\n\r,;\t| ])"[^"]*(?:""[^"]*)*("|\Z)')
"""A cell in quotes, or one that is never closed; a quote within a cell, as in 5", opens none."""
_CELL = 9 << 14
"""Bytes of a cell that is never closed by which the limit of a cell is seen to be exceeded."""


def rows_outside_quotes(text: bytes) -> int:
    """How many lines end outside of quoted cells."""
    return _QUOTED.sub(b"", text).count(_end(text))


def lines_of_rows(text: bytes, rows: int) -> int:
    """How many lines the first so many rows take; all where there are not so many.

    Of a cell that is never closed, as many are counted as a cell can be long.
    """
    end = _end(text)
    lines = place = 0
    for quoted in _QUOTED.finditer(text):
        plain = text.count(end, place, quoted.start())
        if plain >= rows:
            return lines + rows
        rows, lines = rows - plain, lines + plain
        if not quoted[1]:
            return lines + 1 + text.count(end, quoted.start(), quoted.start() + _CELL)
        lines, place = lines + quoted[0].count(end), quoted.end()
    plain = text.count(end, place)
    return lines + (rows if plain >= rows else plain + 1)


def _end(text: bytes) -> bytes:
    return b"\n" if b"\n" in text else b"\r"
