"""Digits in groups that are no numbers: addresses, versions, telephone numbers.

`192.168.100.100` alone could be a number of nine thousands; a column of such cells is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.data.cells import is_count, is_date

_OCTET = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ADDRESS = re.compile(rf"\s*{_OCTET}(\.{_OCTET}){{3}}(/\d{{1,2}}|:\d{{1,5}})?\s*")
"""Of a network: amounts of money end with zeros, which no part of an address begins with."""
_DOTTED = re.compile(r"\s*\d+(\.\d+){2,}\s*")
_THOUSANDS = re.compile(r"\s*[1-9]\d{0,2}(\.\d{3})+\s*")
_DIALLED = re.compile(r"\s*\+\d{1,3}([ .-]\d{2,4}){3,}\s*")
_GROUPED = re.compile(r"\s*\(?\+?\d{1,4}\)?([ .'/-]\d{2,4}){2,}\s*")
_CALLED = re.compile(
    r"(?<![a-z])((tele)?phones?|tel|fax|mobile|mobil|handy|telefon[eo]?|téléphone)(?![a-z])"
)
_NUMBERED = re.compile(
    r"(?<![a-z])(versions?|ver|releases?|builds?|firmware|rev|revision|ip|ipv4|address|host|oid"
    r"|sku|part|article)(?![a-z])"
)
"""Names of columns whose digits with points between them count nothing."""
_DIALLED_DIGITS = range(7, 16)
"""Digits of a telephone number."""
_TYPOS = 0.1
"""Up to this share of cells in other groups than thousands are mistakes in numbers."""


def code_in(cells: Sequence[str], title: str = "") -> str:
    """A cell that shows that a column of this name holds codes; empty where it may be numbers."""
    cells = [cell for cell in cells if cell.strip()]
    pointed = [cell for cell in cells if cell.count(".") > 1]
    return (
        _most(_ADDRESS, pointed, len(cells))
        or _version(pointed, len(cells), title)
        or _most(_DIALLED, [cell for cell in cells if "+" in cell], len(cells))
        or _telephone(cells, title)
    )


def _most(form: re.Pattern[str], cells: Sequence[str], count: int) -> str:
    """The first cell of this form, where at least half of so many have it."""
    found = [cell for cell in cells if form.fullmatch(cell)]
    return found[0] if found and 2 * len(found) >= count else ""


def _version(cells: Sequence[str], count: int, title: str) -> str:
    """A cell of digits and points that stand elsewhere than between thousands, unless in dates.

    Under a name that says so all are such cells.
    """
    dotted = [cell for cell in cells if _DOTTED.fullmatch(cell)]
    if dotted and 2 * len(dotted) >= count and _NUMBERED.search(title.casefold()):
        return dotted[0]
    odd = [cell for cell in dotted if not _THOUSANDS.fullmatch(cell)]
    several = len(odd) > max(1, _TYPOS * len(dotted)) and not all(map(is_date, odd))
    return odd[0] if several and 2 * len(dotted) >= count else ""


def _telephone(cells: Sequence[str], title: str) -> str:
    """The first cell, where all are numbers that can be dialled, under a name that says so."""
    if not cells or not _CALLED.search(title.casefold()) or not all(map(_is_dialled, cells)):
        return ""
    return cells[0]


def _is_dialled(cell: str) -> bool:
    plain = is_count(cell) and len(cell.strip()) in _DIALLED_DIGITS
    return plain or bool(_GROUPED.fullmatch(cell))
