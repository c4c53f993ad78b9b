"""What is wrong with a command or the configuration file, in one line, and a likely right word."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class UsageError(Exception):
    """Wrong use or bad input: one line that says what is wrong and what would be right."""


class ConfigError(UsageError):
    """The configuration file says something it may not: path, line, key and what would be right."""


def either(*words: str) -> str:
    """`bash, zsh or fish`; what is no word stands in quotes."""
    shown = [word if word.replace("_", "").isalnum() else repr(word) for word in words]
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` where a known word is close, else nothing."""
    close = get_close_matches(word, list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""
