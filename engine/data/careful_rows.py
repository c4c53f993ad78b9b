"""Rows read cell by cell: slowly, with the line and the column of everything that is wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from engine.data.bad_rows import no_number, out_of_range, ragged
from engine.data.cells import TRUTHS, is_missing, measured, visible
from engine.data.column_choice import Selection
from engine.data.layout.csv_layout import Layout
from engine.data.layout.csv_sample import COMMENTS
from engine.data.reading import Reading
from engine.data.row_parser import without_blank_end
from engine.data.source import TableError
from engine.data.unmet_values import UnmetValues

_COMMENTS = (*COMMENTS, "//", ";", "!", "*")
"""What rows of another width begin with that are comments."""
_COMMENT = re.compile(r"\s*(#+\s|#\s*[-+.\d]|//)")
"""How rows as wide as the others begin that are comments, or were made so."""


class CarefulRows:
    """Takes one row after another, and counts those that it leaves out; owned by the reader."""

    def __init__(self, layout: Layout, columns: Selection, reading: Reading) -> None:
        self._layout, self._name, self._dtype = layout, reading.name, reading.dtype
        self._positions = columns.positions
        self._width = len(layout.columns)
        self._limit = reading.limit
        self._missing = reading.wish.missing_words
        self.absent = reading.wish.missing_numbers(layout.decimal)
        """Numbers that stand for missing ones."""
        self.unmet = UnmetValues(reading.wish.missing_values, layout.decimal)
        """What was asked for as missing, and has not been in any row so far."""
        many = len(columns.features) > 1 and not columns.asked
        self._instead = "; --features A,B,… leaves columns out" if many else ""
        self.comments = 0
        """Lines left out, since they are comments."""
        self.names_again = 0
        """How many rows repeat the names, as files that were joined have them."""
        self.dropped = 0
        """Rows left out because a number is missing in them."""
        self.lacking: Counter[str] = Counter()
        """How many of them lack the number of a column, each counted for its first."""
        self.first_missing = ""
        """Where the first number is missing."""

    def numbers(self, cells: Sequence[str], line: int) -> list[float] | None:
        """The numbers wanted of a row; None where one is missing; raises TableError."""
        row = without_blank_end(cells, self._width)
        if len(row) != self._width:
            if row[0].lstrip().startswith(_COMMENTS):
                self.comments += 1
                return None
            problem = ragged(row, self._width, self._layout.delimiter)
            raise TableError(f"{self._name}:{line}: {problem}")
        try:
            return self._numbers(row, line)
        except TableError:
            if _COMMENT.match(row[0]):
                self.comments += 1
            elif self._are_names(row):
                self.names_again += 1
            else:
                raise
            return None

    def _numbers(self, row: Sequence[str], line: int) -> list[float] | None:
        """The numbers wanted of a row as wide as the others; None where one is missing."""
        numbers = []
        for position in self._positions:
            number = self._number(row[position], position, line)
            if number is None:
                self.unmet.meet(row[at] for at in self._positions)
                return None
            numbers.append(number)
        return numbers

    def _are_names(self, row: Sequence[str]) -> bool:
        """Whether a row is the header once more."""
        columns = self._layout.columns
        return self._layout.header and all(
            row[i].strip() == columns[i].title for i in self._positions
        )

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
        unit = column.kind.unit
        if found is None or (found[1] != unit and not column.kind.holds(*found)):
            problem = no_number(cell, found, unit, self._layout.decimal)
            instead = "" if position == self._positions[-1] else self._instead
            raise TableError(f"{where}: {problem}{instead}")
        number = found[0]
        if number in self.absent:
            self._miss(column.name, where)
            return None
        if not abs(number) <= self._limit:
            problem = out_of_range(number, self._dtype, cell.strip())
            raise TableError(f"{where}: {visible(cell)} is {problem}")
        return number

    def _miss(self, name: str, where: str) -> None:
        self.dropped += 1
        self.lacking[name] += 1
        self.first_missing = self.first_missing or where
