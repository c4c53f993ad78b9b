"""Values that were said to stand for missing numbers, and that nothing in the file is.

Mistyped, as `--missing -99` where the file has -999, they would change nothing, in silence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from engine.data.cells import is_missing, listed, measured, visible


class UnmetValues:
    """Strikes out what it is shown; owned by the reader."""

    def __init__(self, values: Sequence[str], decimal: str = ".") -> None:
        self._decimal = decimal
        self._words = {value.strip().casefold(): value.strip() for value in values if value.strip()}

    def meet(self, cells: Iterable[str]) -> None:
        """Strike out the values that these cells are, as words or as numbers."""
        if not self._words:
            return
        for cell in cells:
            found = measured(cell, self._decimal)
            self._strike(cell, () if found is None else (found[0],))

    def meet_numbers(self, numbers: Collection[float]) -> None:
        """Strike out the values that these numbers are."""
        self._strike("", numbers)

    def _strike(self, cell: str, numbers: Collection[float]) -> None:
        for word in list(self._words):
            value = measured(word, self._decimal) or measured(word)
            if is_missing(cell, (word,)) or (value and value[0] in numbers):
                del self._words[word]

    @property
    def said(self) -> tuple[str, ...]:
        """Which values there are none of, in a line; none where all were found."""
        if not self._words:
            return ()
        values = listed([*map(visible, self._words.values())])
        return (f"--missing names {values}, which no column in use holds",)
