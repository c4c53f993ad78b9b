"""Whether a file still holds the table that was read from it once, and in what it differs."""

from __future__ import annotations

from dataclasses import replace

from engine.data.source import Table
from engine.plurals import counted


def difference(then: Table, now: Table) -> str:
    """In what a table differs from what it was, in a few words; empty where its numbers do not."""
    if replace(now, path=then.path, notes=then.notes) == then:
        return ""
    if now.fingerprint == then.fingerprint:
        return "the same content, but read in another way"
    more = now.points - then.points
    if not more:
        return "as many rows as then, but other content"
    return f"{counted(abs(more), 'row')} {'more' if more > 0 else 'fewer'} than then"
