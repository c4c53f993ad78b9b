"""What Textual has drawn, without what would keep it alive.

A strip keeps what it was divided into and cropped to, often itself: then only a search for garbage
frees it, and with it a dozen caches. Those of some seconds of playing are tens of thousands of
objects, and tens of megabytes between two thorough searches. And a table of colours for all widgets
has each of them in its keys, with all lines of dialogs that are long closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from rich.style import Style
from textual._styles_cache import StylesCache
from textual.color import Color
from textual.strip import Strip
from textual.style import Style as WidgetStyle

_divide, _crop_extend = Strip.divide, Strip.crop_extend


def let_go_of_what_was_drawn() -> None:
    """Have strips answer with themselves before they look into a cache, and share the colours."""
    Strip.divide = divide  # type: ignore[assignment,method-assign]
    Strip.crop_extend = crop_extend  # type: ignore[assignment,method-assign]
    StylesCache.get_inner_outer = staticmethod(inner_outer)  # type: ignore[method-assign,assignment]


def divide(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    """Return the parts of a strip between cuts; of a strip that is not cut, itself."""
    cuts = list(cuts)
    return [strip] if cuts == [strip.cell_length] else _divide(strip, cuts)


def crop_extend(strip: Strip, start: int, end: int, style: Style | None) -> Strip:
    """Return what is between two cells of a strip, extended where it is shorter."""
    same = start <= 0 and end == strip.cell_length
    return strip if same else _crop_extend(strip, start, end, style)


@lru_cache(1024)
def inner_outer(base_background: Color, background: Color) -> tuple[WidgetStyle, WidgetStyle]:
    """Return the styles of the background inside of a widget and around it."""
    inner = WidgetStyle(background=base_background + background)
    return inner, WidgetStyle(background=base_background)
