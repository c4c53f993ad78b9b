"""The numbers in the lines of a file: quickly where they are plain, one by one where not.

Lines are taken some hundred kilobytes at a time. Where all their cells are plain decimal
numbers, whole arrays are read at once; where they are Python's, a batch of rows at once; all
else cell by cell, which knows the line of everything that is wrong. The numbers are the same
bits in each of the three ways.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from math import isfinite

import numpy as np

from engine.data.arrays import Vector
from engine.data.cells import TRUTHS, is_missing, measured, visible
from engine.data.column_choice import Selection
from engine.data.csv_layout import Layout
from engine.data.csv_sample import COMMENTS
from engine.data.mixed_rows import mixed_rows
from engine.data.plain_numbers import float_rows, plain_rows
from engine.data.row_parser import OpenQuoteError, Row, RowParser, is_blank, without_blank_end
from engine.data.source import Dtype, TableError
from engine.data.text_lines import TextLines, decoded, lines_of

BATCH = 512
"""Rows parsed at a time: so few that they are gone before Python's collector of cyclic garbage
looks at them, which costs far more than the parsing where torch is loaded."""

_POINTED = re.compile(rb"[\d.]*\.[\d.]*")
_THOUSANDS = re.compile(rb"[1-9]\d{0,2}(\.\d{3})+")
_SPACES = re.compile(rb"[ \t]+")


class CsvBlocks:
    """The numbers of one file, from top to bottom; owned by the loop that reads."""

    def __init__(
        self,
        text: TextLines,
        layout: Layout,
        columns: Selection,
        name: str,
        dtype: Dtype,
        missing: frozenset[str],
    ) -> None:
        self._text, self._layout, self._name, self._dtype = text, layout, name, dtype
        self._positions = columns.positions
        self._limit = float(np.finfo(dtype).max)
        self._missing = missing
        self._absent = [value[0] for word in missing if (value := measured(word))]
        self._width = len(layout.columns)
        self._ways = [self._plain, self._floats, self._mixed]
        many = len(columns.features) > 1 and not columns.asked
        self._instead = "; --features A,B,… leaves columns out" if many else ""
        self._line = layout.first + 1
        self._comments = 0
        self._unsettled = layout.unsettled
        self.thousands = ""
        """A cell whose point may be between thousands, where nothing tells."""
        self.dropped = 0
        """Rows left out because a number is missing in them."""
        self.lacking: Counter[str] = Counter()
        """How many of them lack the number of a column, each counted for its first."""
        self.first_missing = ""
        """Where the first number is missing."""

    @property
    def comments(self) -> int:
        """How many lines were left out, since they are comments."""
        return self._layout.comments + self._comments

    def __iter__(self) -> Iterator[Vector]:
        """Some rows at a time, [rows, features + 1], the target last; raises TableError."""
        self._text.skip(self._layout.first)
        while text := self._text.take():
            if self._unsettled and b"." in text:
                self._settle(text)
            block = self._plainly(text)
            if block is None:
                yield from self._row_by_row(text)
            else:
                self._line += len(block)  # a line a row
                yield block

    def _settle(self, text: bytes) -> None:
        """Look for a point that can only stand before decimals."""
        for found in _POINTED.finditer(text):
            if not _THOUSANDS.fullmatch(found[0]):
                self._unsettled, self.thousands = False, ""
                return
            self.thousands = self.thousands or found[0].decode()

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
        if not (np.abs(block) <= self._limit).all():
            return False
        return not self._absent or not np.isin(block, self._absent).any()

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
        if {len(cells) for _, cells in rows} != {self._width}:
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
        found = [self._row(row, line) for line, row in rows if not is_blank(row)]
        whole = [numbers for numbers in found if numbers is not None]
        return np.array(whole, np.float64).reshape(-1, len(self._positions))

    def _row(self, cells: Sequence[str], line: int) -> list[float] | None:
        """The numbers wanted of a row; None where one is missing."""
        row = without_blank_end(cells, self._width)
        if len(row) != self._width:
            if row[0].lstrip().startswith(COMMENTS):
                self._comments += 1
                return None
            raise TableError(f"{self._name}:{line}: {self._ragged(row)}")
        numbers = []
        for position in self._positions:
            number = self._number(row[position], position, line)
            if number is None:
                return None
            numbers.append(number)
        return numbers

    def _number(self, cell: str, position: int, line: int) -> float | None:
        """A cell's number; None where it is missing, which is counted; raises TableError."""
        column = self._layout.columns[position]
        where = f'{self._name}:{line}: column "{column.name}"'
        if is_missing(cell, self._missing):
            self._miss(column.name, where)
            return None
        if column.kind.truth and (truth := TRUTHS.get(cell.strip().casefold())) is not None:
            return truth
        found = measured(cell, self._layout.decimal)
        if found is None or found[1] not in ("", column.kind.unit):
            problem = self._no_number(cell, found, column.kind.unit)
            instead = "" if position == self._positions[-1] else self._instead
            raise TableError(f"{where}: {problem}{instead}")
        number = found[0]
        if number in self._absent:
            self._miss(column.name, where)
            return None
        if not abs(number) <= self._limit:
            problem = f"too large for {self._dtype}" if isfinite(number) else "not finite"
            raise TableError(f"{where}: {visible(cell)} is {problem}")
        return number

    def _miss(self, name: str, where: str) -> None:
        self.dropped += 1
        self.lacking[name] += 1
        self.first_missing = self.first_missing or where

    def _ragged(self, row: Sequence[str]) -> str:
        """What is wrong with a row of another width, and what it may come from."""
        fields = "1 field" if len(row) == 1 else f"{len(row)} fields"
        words = f"{fields} where {self._width} are expected"
        if self._layout.delimiter == "," and len(row) == 2 * self._width:
            return f"{words}; are decimal commas between the commas?"
        return words

    def _no_number(self, cell: str, found: tuple[float, str] | None, unit: str) -> str:
        shown = f'"{visible(cell)}"'
        if "\0" in cell:
            return f"{shown} is not a number, but holds a NUL byte"
        if found is not None and unit:
            return f"{shown} is in {visible(found[1])}, the others in {visible(unit)}"
        ours = self._layout.decimal
        other = "," if ours == "." else "."
        if found is None and measured(cell, other):
            return f"{shown} is not a number where decimals have {ours}; --decimal {other}?"
        return f"{shown} is not a number"
