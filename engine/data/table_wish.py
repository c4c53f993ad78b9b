"""What is wanted of a file of columns, and how far its reading is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.data.cells import MISSING_WORDS, measured
from engine.data.source import Decimal, Missing, TableError

Progress = Callable[[int, int | None], object]
"""Takes the bytes read and how many there are, None where that is not known."""


class ReadCancelledError(TableError):
    """The reading of a file was broken off as asked."""


@dataclass(frozen=True, slots=True)
class TableWish:
    """Options of reading a file; by default all columns that hold numbers are used."""

    target: str | None = None
    """The name of the target column; None: the last one that holds numbers."""
    features: tuple[str, ...] = ()
    """Names of the feature columns; empty: all but the target that hold numbers."""
    standardise: bool = False
    missing: Missing = "refuse"
    header: bool | None = None
    """Whether the first row holds the names; None: as it looks."""
    seed: int = 0
    decimal: Decimal = ""
    missing_values: tuple[str, ...] = ()
    """What stands for a missing number, beside empty cells and words such as NA."""
    skip_rows: int = 0
    """Lines above the table that are left out."""
    encoding: str = ""
    """Python's name of the text's encoding; empty: the one that is found."""

    @property
    def missing_words(self) -> frozenset[str]:
        """All that stands for a missing number, in lower case."""
        return MISSING_WORDS | {value.strip().casefold() for value in self.missing_values}

    def missing_numbers(self, decimal: str = ".") -> list[float]:
        """Numbers that stand for missing ones, as a file with this decimal mark writes them."""
        found = (measured(word, decimal) or measured(word) for word in self.missing_words)
        return [value[0] for value in found if value]


USUAL = TableWish()
"""All that can be found is found, and nothing is left out."""
