"""What is said of a mistake, before it is a finding of a kind and a moment."""

from __future__ import annotations

from typing import NamedTuple

from engine.recording.findings import Finding
from engine.script.checks.places import Place


class Words(NamedTuple):
    """What is said of a mistake, and of which line."""

    what: str
    why: str
    instead: str
    place: Place

    def finding(self, kind: str, number: int = 0, moment: int = 0) -> Finding:
        """Return them as a finding of a kind; in which pass and when, whoever adds it may say."""
        what, why, instead, (line, file, *_) = self
        return Finding(kind, what, why, instead, line, file, number, moment)


def listed(names: list[str], most: int = 3) -> str:
    """Return some names in a row: `a, b, c and 4 more`."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
