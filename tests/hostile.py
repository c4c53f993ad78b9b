"""Strings that must not reach a terminal as they are, and how to tell whether they do."""

from __future__ import annotations

import re
import unicodedata

from tui.kit.text import safe

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
    "bytes that are no text": "\udc9b31m\udcff",
    "line separators": "one\u2028two\u2029three\u0085four",
    "closing markup": "[/red] [/] [bold",
    "markup link": "[@click=app.quit]quit[/]",
    "rich markup": "[link=file:///etc/passwd]x[/link]",
    "a page's tags": '</pre><b x="&amp;">',
    "wide": "名前の長い変数" * 4,
    "combining": "e\u0301\u0301\u0301" * 9,
    "long": "x" * 10_000,
}

OURS = re.compile(
    r"\x1b\[(?:[\d;]*[mH]|\?\d+[hl]|\?\d+\$p|>\d+u|<u)"  # colours, places, modes
    r"|\x1b\]22;[a-z]*\x07"  # the mouse's shape
    r"|\x1b\]52;c;[A-Za-z0-9+/=]*\x07"  # what a person copies
)
"""All that the app itself makes a terminal do."""


def stray(output: bytes) -> list[str]:
    """The characters in a terminal's input that are neither text nor the app's own doing."""
    return unsafe(OURS.sub("", output.decode(errors="replace")).replace("\r\n", ""))


def unsafe(text: str) -> list[str]:
    """The characters of a text that a terminal would not just print; spaces of any width are."""
    suspect = {character for character in text if not character.isprintable()}
    return sorted(c for c in suspect if unicodedata.category(c) != "Zs")


def shows(text: str, payload: str) -> bool:
    """Whether the beginning or the end of a payload is there, visible and taken for no markup.

    Places are narrow, and of a path the end says more.
    """
    visible = safe(payload).strip()
    return visible[:3] in text or visible[-3:] in text
