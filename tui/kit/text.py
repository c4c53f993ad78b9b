"""The one place that makes text from outside safe to show; and cuts it, and writes amounts.

Textual passes control characters on to the terminal, where an escape sequence in a file name
or a printed line could write the clipboard or repaint the screen. Everything that comes from a
file, a script or an exception goes through `safe` before it reaches a widget or a terminal.
"""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len, set_cell_size

_BIDI = set("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TAB = "    "
_DENSEST = 8
"""Characters that may share a cell, as combining marks do."""


def safe(text: str, *, newlines: bool = False) -> str:
    """The text with every character that is not plainly printable as a visible placeholder.

    C0 controls become their control pictures (escape is `␛`), C1, bidi and other format
    characters `�`; tabs become spaces. Newlines stay where `newlines` says so, else `␤`.
    """
    if text.isprintable() and not _BIDI.intersection(text):
        return text
    return "".join(
        character if newlines and character == "\n" else _visible(character) for character in text
    )


def reason(error: Exception) -> str:
    """Why something failed, in one line; only running out of memory comes without words."""
    return str(error).partition("\n")[0] or "out of memory"


def fit(text: str, width: int, *, ellipsis: str = "…") -> str:
    """The text cut (with an ellipsis) or padded to exactly `width` cells."""
    if width <= 0:
        return ""
    if cell_len(text) > width:
        text = set_cell_size(text, width - len(ellipsis)) + ellipsis if width > 1 else ellipsis
    return set_cell_size(text, width)


def tail(text: str, width: int, *, ellipsis: str = "…") -> str:
    """The text, cut at its beginning to at most `width` cells: of a path the end says more."""
    if cell_len(text) <= width:
        return text
    text = text[-_DENSEST * max(width, 1) :]  # else a long name is measured again and again
    while text and cell_len(text) > width - len(ellipsis):
        text = text[1:]
    return ellipsis + text if width > 0 else ""


def _visible(character: str) -> str:
    code = ord(character)
    if character == "\t":
        return _TAB
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return "�"
    return character


def size_text(size: int) -> str:
    """Return a size in bytes as people read it: `120 B`, `12 kB`, `3.4 MB`."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1e6:.1f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"


def duration_text(seconds: float) -> str:
    """Return a short time as people read it: `35 µs`, `1.2 ms`, `3.4 s`."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def whole(number: float) -> str:
    """A large number without its fraction: `2,572`, and from a million on `2e+19`."""
    return f"{number:,.0f}" if number < 1e6 else f"{number:.0e}"


def time_left(seconds: float) -> str:
    """The duration in words, as in `12 s left` or `3 min left`."""
    return f"{seconds:.0f} s left" if seconds < 120 else f"{seconds / 60:.0f} min left"
