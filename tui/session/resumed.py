"""The session that the app starts with, as a record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.sessions.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Resumed:
    """A session that the app starts with."""

    session: Session
    path: Path | None
    """Its file; None for the autosave, which is left to whoever quits next."""
