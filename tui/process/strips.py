"""Textual's strips without references to themselves.

A strip keeps what it was divided into and cropped to, often itself: then only a search for garbage
frees it, and with it a dozen caches. Those of some seconds of playing are tens of thousands of
objects, and tens of megabytes between two thorough searches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.style import Style
from textual.strip import Strip

_divide, _crop_extend = Strip.divide, Strip.crop_extend


def keep_strips_out_of_themselves() -> None:
    """Have strips that are already what is asked for answer so before they look into a cache."""
    Strip.divide = divide  # type: ignore[assignment,method-assign]
    Strip.crop_extend = crop_extend  # type: ignore[assignment,method-assign]


def divide(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    """Return the parts of a strip between cuts; of a strip that is not cut, itself."""
    cuts = list(cuts)
    return [strip] if cuts == [strip.cell_length] else _divide(strip, cuts)


def crop_extend(strip: Strip, start: int, end: int, style: Style | None) -> Strip:
    """Return what is between two cells of a strip, extended where it is shorter."""
    same = start <= 0 and end == strip.cell_length
    return strip if same else _crop_extend(strip, start, end, style)
