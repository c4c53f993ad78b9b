"""Tables of text: every column in its share of the width."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from tui.cli.printing.columns import shares
from tui.kit.short_names import shortened
from tui.kit.text import fit

GAP = "  "
LIMIT = 60
"""Cells of a column, at most."""


class Column(NamedTuple):
    """One column of a table."""

    heading: str
    wanted: int
    """Cells that its longest text needs."""
    texts: Callable[[int], Sequence[str]]
    """The texts of all rows, in so many cells."""

    @classmethod
    def of(cls, heading: str, texts: Sequence[str]) -> Column:
        """Return a column of texts, which are cut where there is not room for them."""
        return cls(heading, _longest([heading, *texts], LIMIT), lambda _: texts)

    @classmethod
    def cut(cls, heading: str, texts: Callable[[int], Sequence[str]], limit: int = LIMIT) -> Column:
        """Return a column of texts that are written for the cells that there are."""
        return cls(heading, _longest([heading, *texts(limit)], limit), texts)

    @classmethod
    def names(cls, heading: str, texts: Sequence[str], names: Sequence[str]) -> Column:
        """Return a column of texts of which the names stay different where they are cut."""

        def cut(width: int) -> list[str]:
            known = shortened(names, width)
            return [known.get(text, text) for text in texts]

        return cls(heading, cls.of(heading, texts).wanted, cut)


def table(columns: Sequence[Column], width: int) -> Iterator[str]:
    """Yield the headings and the rows, at most so many cells wide."""
    room = width - len(GAP) * (len(columns) - 1)
    cells = shares([column.wanted for column in columns], room)
    texts = [
        [fit(text, share) for text in (column.heading, *column.texts(share))]
        for column, share in zip(columns, cells, strict=True)
    ]
    for row in zip(*texts, strict=True):
        yield GAP.join(row).rstrip()


def _longest(texts: Sequence[str], limit: int) -> int:
    return min(limit, max(map(cell_len, texts)))
