"""Counts with their nouns: `1 point`, `2,000 points`."""

from __future__ import annotations


def counted(count: int, one: str, more: str = "") -> str:
    """Return a count with its noun; `more` is the plural where an s does not make it: `passes`."""
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"
