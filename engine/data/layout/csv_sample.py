"""The first rows of a text file, as one delimiter splits them, and the comments among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import zip_longest

from engine.data.cells import is_missing, measured
from engine.data.layout.decimal_mark import decimal_mark
from engine.data.row_parser import OpenQuoteError, Row, RowParser, is_blank, without_blank_end

FRAME = "│"
"""Beside and between the cells of a drawn table."""
DELIMITERS = f",;\t| \x01\x1f{FRAME}"
"""Two are control characters, as Hive writes them."""
COMMENTS = ("#", "%")
"""What the lines of a comment begin with."""

_WEIGHED = 100
"""Rows that are looked at to find the delimiter."""
_CELLS = 100_000
"""Cells that are looked at to find the delimiter."""


class Sample:
    """The rows of the first lines, read with one delimiter."""

    def __init__(self, lines: Sequence[str], delimiter: str, above: int, comment: str) -> None:
        self.delimiter, self.above, self.comment = delimiter, above, comment
        rows = RowParser(lines, delimiter, above + 1, comment)
        self.open: OpenQuoteError | None = None
        self.rows: list[Row] = []
        try:
            self.rows.extend((at, cells) for at, cells in rows if not is_blank(cells))
        except OpenQuoteError as error:
            self.open = error
        self.end = rows.line - 1
        """The number of the last line."""
        self.width = common_width([cells for _, cells in self.rows])
        count = max(2, min(_WEIGHED, _CELLS // (1 + self.width)))
        self._weighed = [cells for _, cells in self.rows[:count]]

    @property
    def regular(self) -> bool:
        """Whether all rows have one number of cells, more than one."""
        return self.width > 1 and {len(cells) for _, cells in self.rows} == {self.width}

    @cached_property
    def decimal(self) -> str:
        """The mark before decimals in the rows that are weighed."""
        rows = self._weighed
        return decimal_mark(turned(rows, common_width(rows)), self.delimiter).decimal

    @property
    def score(self) -> tuple[float, int]:
        """How much of the rows is of one width and reads as numbers; then the width."""
        rows = self._weighed
        width = common_width(rows)
        if width < 2:
            return (0.0, 1) if rows else (-1.0, 0)
        alike = sum(len(without_blank_end(row, width)) == width for row in rows)
        cells = [cell for row in rows for cell in row if not is_missing(cell)]
        numbers = sum(measured(cell, self.decimal) is not None for cell in cells)
        return alike / len(rows) * (1 + numbers) / (1 + len(cells)), width


def occurring(delimiters: str, lines: Sequence[str]) -> str:
    """The delimiters that stand in any of the lines, a tab as a space too; the first if none.

    A frame is one where it goes all around: others have a line beside the names of the rows.
    """
    text = "".join(lines)
    found = [one for one in delimiters if one in text or (one == " " and "\t" in text)]
    if FRAME in found and not any(line.startswith(FRAME) for line in lines):
        found.remove(FRAME)
    return "".join(found) or delimiters[0]


def likeliest(samples: Sequence[Sample]) -> Sample:
    """The sample whose delimiter the lines have: of the best score, in most cases.

    Commas stand within numbers, too: it is another that makes rows of one width of them. Spaces
    stand within cells and titles: it is another that makes rows of one width, or tabs where they
    make as many columns.
    """
    scores = {one.delimiter: one.score for one in samples}
    best = max(samples, key=lambda one: scores[one.delimiter])
    others = [one for one in samples if one.delimiter not in ", "]
    regular = [one for one in others if one.regular and one.decimal == ","]
    if best.delimiter == " " and best.width > 1 and not regular:
        regular = [one for one in others if one.delimiter == "\t" and one.width == best.width]
        if not regular and not best.regular:
            regular = [one for one in samples if one.regular]
    if best.delimiter not in ", " or not regular:
        return best
    return max(regular, key=lambda one: scores[one.delimiter])


def comments_of(lines: Sequence[str]) -> tuple[str, list[str]]:
    """What comments begin with, and the lines of them that stand above the table."""
    first = next((line.lstrip() for line in lines if line.strip()), "")
    for mark in COMMENTS:
        marked = [line for line in lines if line.lstrip().startswith(mark)]
        is_head = [not line.strip() or line.lstrip().startswith(mark) for line in lines]
        end = is_head.index(False) if False in is_head else len(lines)
        heads = [line.strip() for line in lines[:end] if line.strip()]
        below = len(marked) - len(heads)
        if below and len(marked) > 2 and 2 * len(marked) > len(lines):
            continue  # so many are data
        if first.startswith(mark):
            return mark, heads
        if mark == "#" and marked and not any(set(line) & set(DELIMITERS[:4]) for line in marked):
            return mark, []
    return "", []


def common_width(rows: Sequence[Sequence[str]]) -> int:
    """The width of most rows; the larger of two."""
    widths = Counter(map(len, rows))
    return max(widths, key=lambda width: (widths[width], width), default=0)


def turned(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """The cells of the first so many columns, by column."""
    columns = zip_longest(*(row[:width] for row in rows), fillvalue="")
    return [list(column) for column in columns]
