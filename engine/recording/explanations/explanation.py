"""A mistake in plain sentences, and the error message by which it is recognised."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """One mistake in three plain sentences."""

    what: str
    """One sentence that says what PyTorch did or refused."""
    why: str
    instead: str
    """One sentence that says what to write in its place."""


@dataclass(frozen=True, slots=True)
class Known:
    """An error message that is recognised, and what it means."""

    type: str
    pattern: re.Pattern[str]
    explanation: Explanation


def known(error_type: str, text: str, what: str, why: str, instead: str) -> Known:
    """Return what a message means that has a text, a regular expression, in it."""
    return Known(error_type, re.compile(text), Explanation(what, why, instead))
