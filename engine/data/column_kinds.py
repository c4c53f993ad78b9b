"""What the columns of a table hold, by the cells of its first rows: numbers, truth values, text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from engine.data.cells import (
    MISSING_WORDS,
    TRUTHS,
    is_count,
    is_date,
    is_day_in_digits,
    is_missing,
    is_month,
    measured,
    visible,
)
from engine.data.grouped_codes import code_in

_MOST = 0.9
"""The share of cells that are numbers where a unit stands behind them: it may be a word."""
_TYPOS = 5
"""So many cells that are no numbers are mistakes, whatever their share up to a half."""
_SEVERAL = 4
"""Most units that one column may mix; more are words."""
_ROW_NAMES = ("rownames", "row.names", "row_names")
_UNNAMED = re.compile(r"|unnamed: \d+(\.\d+)*", re.I)
"""What R and pandas call a column that numbers or names the rows."""
_NUMBERED = re.compile(r"index|#|obs\.?|nr\.?|no\.?|s\.? ?no\.?|row|record|(.*[^a-z])?id", re.I)
_CAMEL_ID = re.compile(r".*[a-z]I[Dd]")
"""What people call a column that numbers the rows, from 0 or 1 on."""
_LEAST = 3
"""Rows whose numbers follow each other by more than chance."""
_YEARS = (1000, 3000)
_SURE = 15
"""Up to so many digits, every whole number is a float64."""
_DIGITS = 40
"""Longer ones are no numbers that somebody counted."""
_NOTHING = "nothing"
"""What a column of empty cells holds."""
YES = frozenset(("yes", "no", "y", "n"))
"""Words of truth values that are answers."""
_MAGNITUDE = re.compile(
    r"[$€£¥]?(k|K|M|B|T|[mb]n|%|thousand|million|billion|[mk]?g|lbs?|oz|t|[kcm]?m|mi|ft|in|yd"
    r"|h|min|m?s|[m]?[lL]|°[CF]|[kMGT]B)"
)
"""Units that are told where a column mixes them, beside all else that may stand behind numbers."""
RATIOS = ("%", "‰")
"""Units without which a number is another one."""
EUROSTAT = re.compile(r".*\\\s*time(_period)?\s*", re.I)
"""The name of the first column of a table of Eurostat."""
_FLAGS = re.compile("[bcdefimnprsuz]{1,3}")
"""What Eurostat writes behind numbers: estimated, provisional, a break in the series."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the cells of one column are."""

    numeric: bool
    """Whether they are numbers, but for a few."""
    unit: str = ""
    """What stands before or behind the numbers, such as `%`, `$` or `km`."""
    truth: bool = False
    """Whether they are true and false, or yes and no, which are 1 and 0."""
    flags: bool = False
    """Whether letters behind the numbers are Eurostat's flags, and no unit."""
    what: str = "numbers"
    """What they are, in a word."""
    example: str = ""
    """A cell that is no number, where they are text for the most part."""
    mixed: tuple[str, ...] = ()
    """The units that keep them from being numbers, since not all have the same."""
    known: int = 0
    """The rows that are known of a column that is empty so far; 0: all."""

    def holds(self, number: float, unit: str) -> bool:
        """Whether a number of a unit, or of none, is one of theirs; 0 is the same in all."""
        if unit:
            return unit == self.unit or (self.flags and is_flag(unit))
        return self.unit not in RATIOS or number == 0

    @property
    def mixes_units(self) -> bool:
        """Whether they are numbers beyond doubt, but not of one unit."""
        return bool(self.mixed) and all(map(_MAGNITUDE.fullmatch, self.mixed))


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file."""

    name: str
    """Different from all others, and fit to be shown."""
    kind: Kind
    title: str = ""
    """The whole name in the header."""
    index: str = ""
    """What it is instead of something to learn from, as "only numbers the rows"; mostly nothing."""
    counts: bool = False
    """Whether it does so by numbers that say nothing else, and has no name of its own."""


def kind(
    cells: Sequence[str],
    decimal: str,
    missing: Collection[str] = MISSING_WORDS,
    *,
    flags: bool = False,
    title: str = "",
) -> Kind:
    """What the cells of a column of this name are, those that hold nothing aside.

    `flags`: whether they may have flags as Eurostat has them.
    """
    held = [cell for cell in cells if not is_missing(cell, missing)]
    if not held:
        return Kind(numeric=False, what=_NOTHING)
    words = {cell.strip().casefold() for cell in held}
    if words <= TRUTHS.keys() and (words <= {"true", "false"} or len(words) > 1):
        # Answers of which most are missing leave no rows.
        answered = not words & YES or 2 * len(held) >= len(cells)
        return Kind(numeric=answered, truth=True, what="truth values")
    if code := code_in(held, title):
        return Kind(numeric=False, what="text", example=code.strip())
    found = [number for cell in held if (number := measured(cell, decimal))]
    days = len(set(held)) > 1 and all(map(is_day_in_digits, held))
    if len(found) == len(held) and (days or all(map(is_month, held))):
        return Kind(numeric=False, what="dates")
    units = Counter(unit for _, unit in found if unit)
    if units and (with_units := _with_units(units, len(found), len(held), flags=flags)):
        return with_units
    plain = len(found) - units.total()
    if 2 * plain >= len(held):
        few = len(held) - plain <= max(_TYPOS, (1 - _MOST) * len(held))
        return Kind(few, what="numbers" if few else "numbers and text")
    if 2 * sum(map(is_date, held)) >= len(held):
        return Kind(numeric=False, what="dates")
    other = next((cell for cell in held if not measured(cell, decimal)), "")
    return Kind(numeric=False, what="text", example=other.strip())


def _with_units(units: Counter[str], numbers: int, held: int, *, flags: bool) -> Kind | None:
    """What cells are of which so many are numbers, some with units; None where these are words."""
    if flags and numbers == held and all(map(is_flag, units)):
        return Kind(numeric=True, flags=True)
    ((unit, count),) = units.most_common(1)
    # A letter behind a few numbers only is part of a name, as in 136A.
    wanted = count if unit[0].isalpha() else numbers - units.total() + count
    if wanted >= _MOST * held:
        return Kind(numeric=True, unit=unit)
    if numbers >= _MOST * held and len(units) <= _SEVERAL:
        mixed = tuple(sorted(units))
        where = "several units" if len(units) > 1 else "units in some cells"
        return Kind(numeric=False, what=f"{where}: {', '.join(mixed)}", mixed=mixed)
    return None


def is_empty(kind: Kind) -> bool:
    """Whether a column has no cell that holds anything."""
    return kind.what == _NOTHING


def is_flag(unit: str) -> bool:
    """Whether letters behind a number are flags of Eurostat."""
    return bool(_FLAGS.fullmatch(unit))


def named(header: Sequence[str] | None, kinds: Sequence[Kind]) -> tuple[Column, ...]:
    """Columns by the names in a header; `column3` where there is none, or not one of its own."""
    taken: set[str] = set()
    columns = []
    titles = [title.strip().strip("\ufeff") for title in header or ()]
    if all(len(title) > 1 and title[0] == title[-1] == "'" for title in titles):
        titles = [title[1:-1] for title in titles]
    for position, one in enumerate(kinds, 1):
        title = titles[position - 1] if position <= len(titles) else ""
        name = visible(" ".join(title.split()))
        if not name or name in taken:
            name = f"{name} column{position}".strip()
        taken.add(name)
        columns.append(Column(name, one, title))
    return tuple(columns)


def rows_said(kind: Kind) -> str:
    """What a column of this kind does that only numbers or names the rows."""
    return "only numbers the rows" if kind.numeric else "only names the rows"


def only_counts(title: str, cells: Sequence[str]) -> bool:
    """Whether a column without a name of its own does not hold years."""
    years = all(_YEARS[0] < number < _YEARS[1] for number in _wholes(cells))
    named = title.casefold() not in _ROW_NAMES and not _UNNAMED.fullmatch(title)
    return not named and not years


def is_index(title: str, cells: Sequence[str]) -> bool:
    """Whether the first column only numbers or names its rows: by its name, and what it holds."""
    if title.casefold() in _ROW_NAMES:
        return True
    if not _UNNAMED.fullmatch(title):
        return numbers_rows(title, cells)
    return (any(map(str.strip, cells)) and not all(map(measured, cells))) or are_apart(cells)


def numbers_rows(title: str, cells: Sequence[str]) -> bool:
    """Whether a column, wherever it stands, numbers the rows one by one, and is called so."""
    names = (_NUMBERED, _CAMEL_ID, _UNNAMED)
    return any(name.fullmatch(title) for name in names) and follows(cells)


def are_apart(cells: Sequence[str]) -> bool:
    """Whether cells are whole numbers, none of them twice."""
    numbers = _wholes(cells)
    return 0 < len(set(numbers)) == len(cells)


def follows(cells: Sequence[str], least: int = _LEAST) -> bool:
    """Whether cells are whole numbers that follow each other from 0 or 1 on."""
    numbers, count = _wholes(cells), len(cells)
    return count >= least and numbers in (list(range(count)), list(range(1, count + 1)))


def _wholes(cells: Sequence[str]) -> list[int]:
    """The numbers in cells; none where one is not whole."""
    return [int(cell) for cell in cells] if all(map(is_count, cells)) else []


def is_rounded(cell: str) -> bool:
    """Whether a cell is a whole number that no float64 holds."""
    if len(cell) <= _SURE:
        return False
    bare = cell.strip().lstrip("-")
    if not (_DIGITS > len(bare) > _SURE and bare.isascii() and bare.isdecimal()):
        return False
    return int(float(bare)) != int(bare)
