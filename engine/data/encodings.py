"""Encodings of a text: as asked, by its mark or its zero bytes, else UTF-8 or Windows-1252."""

from __future__ import annotations

import codecs

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins with the mark of UTF-16
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_HEAD = 1 << 12
"""Bytes at the beginning by which the encoding is found where no mark tells."""
_ZEROS = {"utf-16-le": (1, 3), "utf-16-be": (0, 2), "utf-32-le": (1, 2, 3), "utf-32-be": (0, 1, 2)}
"""Which of four bytes are zero in most texts, and hardly ever are the others."""
_RARE = 8
"""So many times rarer are zeros elsewhere."""


def encoding_name(text: str) -> str:
    """Python's name of the encoding that is meant; raises ValueError where there is none."""
    try:
        found = codecs.lookup(text.strip())
        "".encode(found.name)
    except (LookupError, ValueError):
        raise ValueError(f"no encoding is called {text.strip()[:40]!a}") from None
    return found.name


def decoded(text: bytes) -> str:
    """UTF-8 as text; what is none is taken for Windows-1252, byte by byte."""
    return text.decode("utf-8", "windows-1252")


def encoding_of(head: bytes) -> str:
    """The encoding, by the byte order mark or by the zero bytes of UTF-16; else UTF-8."""
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    start = head[:_HEAD]
    zeros = [start[place::4].count(0) for place in range(4)]
    for encoding, zero in _ZEROS.items():
        high = sum(count for place, count in enumerate(zeros) if place in zero)
        low = sum(zeros) - high
        if 12 * high > 2 * len(zero) * len(start) and _RARE * low <= high:
            return encoding
    return "utf-8"


def is_utf8(text: bytes) -> bool:
    """Return whether bytes are text in UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error("windows-1252", _windows)
