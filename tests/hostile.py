"""Strings that must not reach a terminal as they are, and the raw parts to look for."""

from __future__ import annotations

PAYLOADS = {
    "clear screen": "\x1b[2J",
    "title": "\x1b]0;owned\x07",
    "clipboard": "\x1b]52;c;b3duZWQ=\x07",
    "device report": '\x1b[6n\x1bP$q"p\x1b\\',
    "one-byte CSI": "\x9b31m",
    "one-byte OSC": "\x9d52;c;b3duZWQ=\x9c",
    "overwriting": "seen\rnot seen\x08\x08",
    "bell and tabs": "\x07\x0b\x0c\x7f",
    "from right to left": "abc\u202ecba\u2066\u061c",
    "nothing wide": "a\u200bb\u200dc\ufeffd\u00ade",
    "lone surrogate": "\ud800\udfff",
    "line separators": "one\u2028two\u2029three\u0085four",
    "closing markup": "[/red] [/] [bold",
    "markup link": "[@click=app.quit]quit[/]",
    "rich markup": "[link=file:///etc/passwd]x[/link]",
    "wide": "名前の長い変数" * 4,
    "combining": "e\u0301\u0301\u0301" * 9,
    "long": "x" * 10_000,
}

RAW = (
    *("\x1b[2J\x1b", "\x1b]0;", "\x1b]52;", "\x1b[6n", '\x1bP$q"p', "\x9b31m", "\x9d52"),
    *("\x08", "\x0b", "\x0c", "\x7f", "\u202e", "\u2066", "\u061c", "\u200b", "\ufeff", "\u2028"),
)
"""What the app itself never writes."""


def unsafe(text: str) -> list[str]:
    """The characters of a text that a terminal would not just print."""
    return sorted({character for character in text if not character.isprintable()})
