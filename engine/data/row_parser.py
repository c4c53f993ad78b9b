"""Rows of cells from lines of text, with the line that each begins in.

The parsing is the standard library's `csv`. It goes beyond the lines given only inside of a
quoted cell; a quote that nothing closes is an error with the line where it was opened.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TypedDict

Row = tuple[int, list[str]]
"""The number of a row's first line, and its cells."""
_ENDS = " \t\n\r\v\f\x1c\x1d\x1e\x1f"
_SPACES = re.compile(rf"[{_ENDS}]+")
_STROKES = ("---", "===", "──", "══", "╌╌")
_RULED = frozenset("-=─━═╌│┆|+:┌┬┐├┼┤└┴┘╞╪╡╭╮╰╯╔╦╗╠╬╣╚╩╝╟╫╢,; \t\r\n")
"""Lines between rows, and what stands beside them."""


class OpenQuoteError(Exception):
    """A quoted cell has no end, or one too far away."""

    def __init__(self, line: int, *, ended: bool) -> None:
        super().__init__(line)
        self.line = line
        """Where its quote stands."""
        what = f"a cell longer than {csv.field_size_limit():,} characters; is a quote open?"
        self.problem = "a quote is opened and never closed" if ended else what
        """What is wrong, in a few words."""


class _Form(TypedDict):
    """How the standard library is to read."""

    delimiter: str
    skipinitialspace: bool


class RowParser:
    """The rows of lines; more lines come from `more` where a quoted cell goes on."""

    def __init__(
        self,
        lines: Iterable[str],
        delimiter: str,
        line: int = 1,
        comment: str = "",
        more: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self.line = line
        """The number of the next line."""
        self.comments = 0
        """How many lines were left out, since they are comments."""
        self._more, self._comment = more, comment
        self._row: list[str] = []
        # Spaces in a row of them separate once, also at its ends and beside tabs.
        self._spaced = delimiter == " "
        self._form = _Form(delimiter=delimiter, skipinitialspace=True)
        self._rows = csv.reader(self._fed(iter(lines)), **self._form)

    def __iter__(self) -> Iterator[Row]:
        """The rows that are not empty; raises OpenQuoteError."""
        while True:
            self._row.clear()
            try:
                cells = next(self._rows)
            except StopIteration:
                return
            except csv.Error:
                raise OpenQuoteError(self._opened(), ended=False) from None
            if len(self._row) > 1 and not self._is_closed():
                raise OpenQuoteError(self._opened(), ended=True)
            if cells:
                yield self.line - len(self._row), cells

    def _fed(self, lines: Iterator[str]) -> Iterator[str]:
        while True:
            for line in lines:
                self.line += 1
                if not self._row and self._comment and line.lstrip().startswith(self._comment):
                    self.comments += 1
                    continue
                if not self._row and is_rule(line):
                    continue
                self._row.append(line)
                yield _spaced_once(line) if self._spaced else line
            if not self._row:
                return
            lines = iter(self._more())
            first = next(lines, None)
            if first is None:
                raise OpenQuoteError(self._opened(), ended=True)
            lines = chain([first], lines)

    def _is_closed(self) -> bool:
        """Whether the quotes of a row of several lines end where cells do.

        Where not, one that was never closed has taken the next line's first quote for its end.
        """
        end = re.escape(self._form["delimiter"])
        spaced = re.compile(rf'" ++(?={end}|\s*$)')
        lines = [spaced.sub('"', line) if '" ' in line else line for line in self._row]
        try:
            list(csv.reader(lines, **self._form, strict=True))
        except csv.Error:
            return False
        return True

    def _opened(self) -> int:
        """The first line of the row that is being read in which a quote is left open."""
        odd = (number for number, line in enumerate(self._row) if line.count('"') % 2)
        return self.line - len(self._row) + next(odd, 0)


def _spaced_once(line: str) -> str:
    """A line whose cells one space separates; one that does not break may be within a number."""
    cells = line.split() if line.isascii() else _SPACES.split(line.strip(_ENDS))
    return " ".join(cells) + "\n"


def is_rule(line: str) -> bool:
    """Whether a line only separates rows, as in a table that a program drew."""
    return line[:1] in _RULED and any(map(line.__contains__, _STROKES)) and set(line) <= _RULED


def is_blank(row: Sequence[str]) -> bool:
    """Whether nothing at all stands in a row."""
    return not "".join(row).strip()


def without_blank_end(row: Sequence[str], width: int) -> Sequence[str]:
    """The row without empty cells beyond the width, which delimiters at its end make."""
    return row[:width] if len(row) > width and is_blank(row[width:]) else row
