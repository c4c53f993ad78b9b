"""What is wrong with a row that cannot be read, in a few words, and what it may come from."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from math import isfinite

from engine.data.ascii_text import ascii_text
from engine.data.cells import listed, measured, visible
from engine.data.column_kinds import RATIOS
from engine.data.source import Dtype
from engine.plurals import counted

_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>")
_PERHAPS = frozenset(
    ("nd", "nc", "nr", "nk", "n/k", "n/r", "n.c.", "n a", "na.", "#n/a!", "#error", "#error!",
     "tba", "tbd", "unk", "undefined", "undef", "empty", "blank", "invalid", "error", "no value",
     "not reported", "not recorded", "not known", "none given", "k.a.", "k. a.", "keine angabe",
     "unbekannt", "s/d", "s.d.", "sin dato", "sin datos", "inconnu", "non disponible", "x", "xx",
     "xxx", "m", "lod", "<lod", "bdl", "bql", "<loq", "<lloq", "trace", "tr", "bad", "fail", "off")
)  # fmt: skip
"""Words, in lower case, that may mean that nothing is known, and may be mistakes."""
_COMMENT = "; is the rest behind # a comment? sed 's/ *#.*//' takes it away"
_DOUBLED = """sed 's/\\\\"/""/g' does so"""
_TOLD = 10
"""Columns of which is told how many numbers are missing."""


def ragged(row: Sequence[str], width: int, delimiter: str) -> str:
    """What is wrong with a row of another width."""
    words = f"{counted(len(row), 'field')} where {width:,} are expected"
    if delimiter == "," and len(row) == 2 * width:
        return f"{words}; are decimal commas between the commas?"
    if "\0" in "".join(row):
        return f"{words}, and NUL bytes: was the file cut?"
    if any("\\" in cell and '"' in cell for cell in row):
        return f'{words}; a quote within quotes is written twice here, not \\": {_DOUBLED}'
    if row[0].startswith(_CONFLICT):
        return f"{words}: a conflict of git is left here"
    if any(cell.lstrip().startswith("#") for cell in row[1:]):
        return f"{words}{_COMMENT}"
    if delimiter == " ":
        return f"{words}; where spaces separate, no cell can be empty or hold one"
    return words


def no_number(cell: str, found: tuple[float, str] | None, unit: str, decimal: str) -> str:
    """What is wrong with a cell that has no number, or one of another unit than its column's."""
    shown = f'"{visible(cell)}"'
    if "\0" in cell:
        return f"{shown} is not a number, but holds a NUL byte"
    if found is not None and unit in RATIOS and not found[1]:
        return f"{shown} has no {unit}, as the others have"
    if found is not None and unit:
        return f"{shown} is in {visible(found[1])}, the others in {visible(unit)}"
    other = "," if decimal == "." else "."
    if found is None and measured(cell, other):
        return f"{shown} is not a number where decimals have {decimal}; --decimal {other}?"
    if " #" in cell:
        return f"{shown} is not a number{_COMMENT}"
    return f"{shown} is not a number{_perhaps_missing(cell)}"


def out_of_range(number: float, dtype: Dtype, word: str) -> str:
    """What a number, which stands there as a word, is to training that cannot hold it."""
    if isfinite(number):
        return f"too large for {dtype}; --dtype float64 holds it"
    shown = shlex.quote(visible(word))
    return f"not finite; --missing={shown} --drop-missing leaves its row out"


def _perhaps_missing(cell: str) -> str:
    """A question where a cell is a word that in some files means that nothing is known."""
    word = cell.strip().strip("\ufeff\u200b")
    perhaps = ascii_text(word).casefold() in _PERHAPS
    return f"; --missing {shlex.quote(word)} if nothing is known there" if perhaps else ""


def missing_in(lacking: Mapping[str, int]) -> str:
    """How many rows lack the number of which column, in one line about those dropped."""
    counts = [f"{count:,} of {listed([name])}" for name, count in lacking.items()]
    return f"missing in dropped rows: {', '.join(counts[:_TOLD])}"
