"""Cells in plain characters: full-width forms as ASCII, and nothing that is invisible.

Web pages, word processors and keyboards of Asia leave both in cells: digits and signs as wide as
a letter of Chinese, marks of the writing's direction, soft hyphens, joiners of no width.
"""

from __future__ import annotations

_INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_WIDE = range(0xFF01, 0xFF5F)
"""Full-width forms of all that ASCII can print."""
_NARROW = _WIDE[0] - ord("!")
_PLAIN: dict[int, str | None] = {
    **dict.fromkeys(map(ord, _INVISIBLE)),
    **{code: chr(code - _NARROW) for code in _WIDE},
    ord("￥"): "¥",
    ord("￡"): "£",
}


def ascii_text(text: str) -> str:
    """A cell in characters of ASCII as far as these say the same, and without invisible ones."""
    return text if text.isascii() else text.translate(_PLAIN)
