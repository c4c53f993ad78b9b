"""Looks at a line that may fail without harm to the script, several of them at every line."""

from __future__ import annotations

from engine.recording.journal import Journal


class Harmless:
    """While entered, what goes wrong is noted in the journal, and goes no further.

    A class, since a generator costs three times as much.
    """

    __slots__ = ("_journal", "_line")

    def __init__(self, journal: Journal, line: int) -> None:
        self._journal = journal
        self._line = line

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        if kind is None or not issubclass(kind, Exception):
            return False
        self._journal.note(f"line {self._line} could not be looked at: {kind.__name__}")
        return True
