"""What the terminal can show, read from its environment: pure functions of what they are given."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Literal

from tui.kit.glyph_level import Level

Colours = Literal["none", "16", "256", "true"]

UNKNOWN = ("", "dumb", "unknown")
"""Values of TERM that promise nothing at all."""
PLAIN = (*UNKNOWN, "vt52", "vt100", "vt102", "vt220")
"""Values of TERM that promise neither colours nor more than ASCII."""
BLOCKS = ("linux", "xterm-16color", "putty")
"""Values of TERM whose usual fonts have block elements, but no braille."""
WIDE_COLOURS = ("truecolor", "24bit")


def glyph_level(environ: Mapping[str, str], encoding: str) -> Level:
    """The richest characters that the locale's encoding and the terminal's font are sure of."""
    try:
        unicode = codecs.lookup(encoding).name.startswith("utf")
    except LookupError:
        unicode = False
    term = environ.get("TERM", "")
    if is_web(environ):
        return "braille"
    if not unicode or _is_c_locale(environ) or term in PLAIN:
        return "ascii"
    return "block" if term.startswith(BLOCKS) else "braille"


def colour_level(environ: Mapping[str, str]) -> Colours:
    """How many colours there are; none where NO_COLOR is set to anything (no-color.org)."""
    term = environ.get("TERM", "")
    if environ.get("NO_COLOR") or (term in PLAIN and not is_web(environ)):
        return "none"
    if is_web(environ):
        return "true"
    if environ.get("COLORTERM", "").lower() in WIDE_COLOURS or term.endswith("-direct"):
        return "true"
    return "256" if term.endswith(("-256color", "kitty")) else "16"


def is_web(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is in a page of a browser, as textual-serve says to what it starts."""
    return environ.get("TEXTUAL_DRIVER", "").endswith("WebDriver")


def is_ssh(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is at the other end of a line that may be slow."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def is_light(environ: Mapping[str, str]) -> bool:
    """Whether COLORFGBG, which few terminals set, says that the background is light."""
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return background in ("7", "15")


def _is_c_locale(environ: Mapping[str, str]) -> bool:
    """Whether the C locale was asked for; Python then says UTF-8 all the same (PEPs 538, 540)."""
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE", "")
    if locale == "C.UTF-8" and not environ.get("LC_ALL"):  # perhaps set by Python itself
        locale = ""
    return (locale or environ.get("LANG", "")) in ("C", "POSIX")
