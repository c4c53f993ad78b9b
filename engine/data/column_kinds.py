"""What the columns of a table hold, by the cells of its first rows: numbers, truth values, text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.data.cells import MISSING_WORDS, TRUTHS, is_date, is_missing, measured, visible

_MOST = 0.9
"""The share of cells that are numbers where a unit stands behind them: it may be a word."""
_TYPOS = 5
"""So many cells that are no numbers are mistakes, whatever their share up to a half."""
_SEVERAL = 4
"""Most units that one column may mix; more are words."""
_ROW_NAMES = ("rownames", "row.names", "row_names")
_INDEX_NAMES = ("", "unnamed: 0", "index")
"""What R and pandas may call a column that numbers the rows, in lower case."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the cells of one column are."""

    numeric: bool
    """Whether they are numbers, but for a few."""
    unit: str = ""
    """What stands before or behind the numbers, such as `%`, `$` or `km`."""
    truth: bool = False
    """Whether they are true and false, which are 1 and 0."""
    what: str = "numbers"
    """What they are, in a word."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file."""

    name: str
    """Different from all others, and fit to be shown."""
    kind: Kind
    title: str = ""
    """The whole name in the header."""
    index: bool = False
    """Whether it only numbers or names the rows, as R and pandas write it."""


def kind(cells: Sequence[str], decimal: str, missing: Collection[str] = MISSING_WORDS) -> Kind:
    """What a column's cells are, those that hold nothing aside."""
    held = [cell for cell in cells if not is_missing(cell, missing)]
    if not held:
        return Kind(numeric=False, what="nothing")
    words = {cell.strip().casefold() for cell in held}
    if words <= TRUTHS.keys() and (words <= {"true", "false"} or len(words) > 1):
        return Kind(numeric=True, truth=True, what="truth values")
    found = [number for cell in held if (number := measured(cell, decimal))]
    plain = sum(not unit for _, unit in found)
    units = Counter(unit for _, unit in found if unit)
    if units:
        ((unit, count),) = units.most_common(1)
        # A letter behind a few numbers only is part of a name, as in 136A.
        wanted = count if unit[0].isalpha() else plain + count
        if wanted >= _MOST * len(held):
            return Kind(numeric=True, unit=unit)
        if len(found) >= _MOST * len(held) and len(units) <= _SEVERAL:
            return Kind(numeric=False, what=f"several units: {', '.join(sorted(units))}")
    if 2 * plain >= len(held):
        few = len(held) - plain <= max(_TYPOS, (1 - _MOST) * len(held))
        return Kind(few, what="numbers" if few else "numbers and text")
    dates = sum(map(is_date, held))
    return Kind(numeric=False, what="dates" if 2 * dates >= len(held) else "text")


def named(header: Sequence[str] | None, kinds: Sequence[Kind]) -> tuple[Column, ...]:
    """Columns by the names in a header; `column3` where there is none, or not one of its own."""
    taken: set[str] = set()
    columns = []
    for position, one in enumerate(kinds, 1):
        title = header[position - 1].strip() if header and position <= len(header) else ""
        name = visible(title)
        if not name or name in taken:
            name = f"{name} column{position}".strip()
        taken.add(name)
        columns.append(Column(name, one, title))
    return tuple(columns)


def is_index(title: str, cells: Sequence[str]) -> bool:
    """Whether the first column only numbers its rows: by its name, and by what it holds."""
    called = title.casefold()
    if called in _ROW_NAMES:
        return True
    if called not in _INDEX_NAMES:
        return False
    numbers = [int(cell) for cell in cells if cell.strip().isdecimal()]
    if len(numbers) < len(cells):
        return called != "index" and not all(map(measured, cells))
    if called == "index":
        return numbers in (list(range(len(numbers))), list(range(1, len(numbers) + 1)))
    return len(set(numbers)) == len(numbers)
