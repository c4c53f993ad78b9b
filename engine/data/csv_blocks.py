"""The numbers in the lines of a file: quickly where they are plain, one by one where not.

Lines are taken some hundred kilobytes at a time. Where all their cells are plain decimal
numbers, whole arrays are read at once; where they are Python's, a batch of rows at once; all
else cell by cell, which knows the line of everything that is wrong. The numbers are the same
bits in each of the three ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from engine.data.arrays import Vector
from engine.data.careful_rows import CarefulRows
from engine.data.column_choice import Selection
from engine.data.column_kinds import RATIOS
from engine.data.encodings import decoded
from engine.data.layout.csv_layout import Layout
from engine.data.layout.table_end import table_end
from engine.data.mixed_rows import mixed_rows
from engine.data.plain_numbers import float_rows, plain_rows
from engine.data.reading import Reading
from engine.data.row_parser import OpenQuoteError, Row, RowParser, is_blank
from engine.data.source import Dtype, TableError
from engine.data.text_lines import LAST, TextLines, lines_of

BATCH = 512
"""Rows parsed at a time: so few that they are gone before Python's collector of cyclic garbage
looks at them, which costs far more than the parsing where torch is loaded."""

_MARKED = {b".": re.compile(rb"[\d.]*\.[\d.]*"), b",": re.compile(rb"[\d,]*,[\d,]*")}
_THOUSANDS = re.compile(rb"[1-9]\d{0,2}([.,]\d{3})+")
_SPACES = re.compile(rb"[ \t]+")
_LEAST: dict[Dtype, float] = {"float32": 2.0**-150, "float64": 0.0}
"""Up to here a number is 0."""


class CsvBlocks:
    """The numbers of one file, from top to bottom; owned by the loop that reads."""

    def __init__(
        self, text: TextLines, layout: Layout, columns: Selection, reading: Reading
    ) -> None:
        self._text, self._layout, self._name = text, layout, reading.name
        self._positions = columns.positions
        self._limit, self._least = reading.limit, _LEAST[reading.dtype]
        self._width = len(layout.columns)
        # A number alone may be no part of a hundred: only one by one it is seen.
        self._strict = any(layout.columns[i].kind.unit in RATIOS for i in columns.positions)
        self._ways = [] if self._strict else [self._plain, self._floats, self._mixed]
        self._line = layout.first + 1
        self._comments = 0
        self._unsettled = layout.unsettled
        self.careful = CarefulRows(layout, columns, reading)
        """What reads the rows that are not plain, and counts those left out."""
        self.thousands = ""
        """A cell whose point may be between thousands, where nothing tells."""
        self.below: tuple[str, ...] = ()
        """What was left out below the table, a line each."""
        self.vanished = ""
        """A number that is 0 in the dtype."""

    @property
    def comments(self) -> int:
        """How many lines were left out, since they are comments."""
        return self._layout.comments + self._comments + self.careful.comments

    def __iter__(self) -> Iterator[Vector]:
        """Some rows at a time, [rows, features + 1], the target last; raises TableError."""
        self._text.skip(self._layout.first - self._layout.skipped)
        while text := self._text.take():
            if self._text.taken and not (text := self._without_end(text)):
                return
            if self._unsettled:
                self._settle(text)
            block = self._plainly(text)
            if block is None:
                yield from self._row_by_row(text)
            else:
                self._line += len(block)  # a line a row
                yield block

    def _settle(self, text: bytes) -> None:
        """Look for a mark that can only stand before decimals, or between thousands."""
        for mark, found in _MARKED.items():
            if mark not in text or (mark == b"." and self._layout.delimiter != ";"):
                continue
            for cell in found.finditer(text):
                if not _THOUSANDS.fullmatch(cell[0]):
                    self._unsettled, self.thousands = False, ""
                    return
                self.thousands = self.thousands or cell[0].decode()

    def _without_end(self, text: bytes) -> bytes:
        """The last lines without those below the table."""
        cut = text.rfind(b"\n", 0, max(0, len(text) - LAST)) + 1
        layout = self._layout
        for begin in (cut, 0):
            lines = list(lines_of(decoded(text[begin:])))
            first = self._line + text.count(b"\n", 0, begin)
            end = table_end(lines, layout.delimiter, self._width, first)
            if end.count == len(lines):
                return text
        self.below = end.notes
        return "".join(lines[: end.count]).encode()

    def _plainly(self, text: bytes) -> Vector | None:
        """All rows at once; None where anything is not plainly a number."""
        delimiter = self._layout.delimiter
        if not delimiter.isascii():
            return None
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n")
        if delimiter == " ":
            text = (
                _SPACES.sub(b" ", text).replace(b"\n ", b"\n").replace(b" \n", b"\n").lstrip(b" ")
            )
        if self._layout.decimal == ",":
            if b"." in text or delimiter == ",":
                return None
            text = text.replace(b",", b".")
        if not text.endswith(b"\n"):
            text += b"\n"
        block = self._block(text)
        return block if block is not None and self._all_there(block) else None

    def _block(self, text: bytes) -> Vector | None:
        """The columns wanted, as they are written; None where anything is not plain."""
        for way in self._ways:
            block = way(text)
            if block is not None:
                # What could read these lines can most likely read the next.
                self._ways.remove(way)
                self._ways.insert(0, way)
                return block
        return None

    def _plain(self, text: bytes) -> Vector | None:
        whole = self._positions == tuple(range(self._width))
        return plain_rows(text, self._layout.delimiter, self._width) if whole else None

    def _floats(self, text: bytes) -> Vector | None:
        found = float_rows(text, self._layout.delimiter, self._width)
        return None if found is None else found[:, self._positions]

    def _mixed(self, text: bytes) -> Vector | None:
        mark = self._layout.comment.encode()
        if mark and mark in text:
            return None
        return mixed_rows(text, self._layout.delimiter, self._width, self._positions)

    def _all_there(self, block: Vector) -> bool:
        """Whether all numbers are in the range of the dtype, and none means a missing one."""
        sizes = np.abs(block)
        if not (sizes <= self._limit).all():
            return False
        self._look_for_zeros(block, sizes)
        absent = self.careful.absent
        return not absent or not np.isin(block, absent).any()

    def _look_for_zeros(self, block: Vector, sizes: Vector) -> None:
        """Keep the first number of which the dtype leaves nothing."""
        small = sizes <= self._least
        if small.any() and not self.vanished:
            self.vanished = next((f"{number:g}" for number in block[small] if number), "")

    def _row_by_row(self, text: bytes) -> Iterator[Vector]:
        """The rows of these lines, and of more where a quoted cell goes on in them."""
        layout = self._layout
        lines = lines_of(decoded(text))
        rows = RowParser(lines, layout.delimiter, self._line, layout.comment, self._more)
        taken = iter(rows)
        try:
            while batch := list(islice(taken, BATCH)):
                yield self._quickly(batch)
        except OpenQuoteError as error:
            raise TableError(f"{self._name}:{error.line}: {error.problem}") from None
        self._line = rows.line
        self._comments += rows.comments

    def _more(self) -> Iterator[str]:
        return lines_of(decoded(self._text.take()))

    def _quickly(self, rows: Sequence[Row]) -> Vector:
        """All rows at once; one by one where anything is not plainly a number."""
        if self._strict or {len(cells) for _, cells in rows} != {self._width}:
            return self._carefully(rows)
        block: Vector = np.empty((len(rows), len(self._positions)))
        try:
            for column, position in enumerate(self._positions):
                block[:, column] = self._column([cells[position] for _, cells in rows])
        except ValueError:
            return self._carefully(rows)
        return block if self._all_there(block) else self._carefully(rows)

    def _column(self, cells: Sequence[str]) -> Vector:
        """Raises ValueError where a cell is more than Python's `float` and a decimal comma."""
        text = "".join(cells)
        if not text.isascii() or "_" in text:
            raise ValueError
        if self._layout.decimal == ",":
            if "." in text:
                raise ValueError
            cells = [cell.replace(",", ".") for cell in cells]
        return np.fromiter(map(float, cells), np.float64, len(cells))

    def _carefully(self, rows: Sequence[Row]) -> Vector:
        """Each row by itself."""
        found = [self.careful.numbers(row, line) for line, row in rows if not is_blank(row)]
        whole = [numbers for numbers in found if numbers is not None]
        block = np.array(whole, np.float64).reshape(-1, len(self._positions))
        self._look_for_zeros(block, np.abs(block))
        return block
