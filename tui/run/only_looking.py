"""A run that can only be looked at: what is missing, where it was looked for, and the ways on."""

from __future__ import annotations

from dataclasses import dataclass

from engine.data.source import STDIN, Table
from tui.kit.paragraphs import Paragraph
from tui.kit.spans import Span
from tui.kit.text import safe


@dataclass(frozen=True, slots=True)
class OnlyLooking:
    """Why a run has its history and nothing that it could go on with."""

    why: str
    """What is missing, in one line."""
    lost: Table | None = None
    """The data that are to be found; None where it is not the data that are missing."""

    @property
    def whole(self) -> str:
        """Return what is missing, and where it was looked for if that is a place."""
        if self.lost is None or self.lost.path == STDIN:
            return self.why
        return f"{self.why}; looked at {self.lost.path}"

    @property
    def line(self) -> str:
        """Return in one line why nothing moves, and what would help."""
        return f"nothing moves: {self.why}{'; F asks for the file' if self.lost else ''}"

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """Return the same at length, for above what can be looked at."""
        ways = ["F asks for the file"] if self.lost else []
        ways += ["← → look at kept iterations", "B: another branch"]
        missing = (Span(f"✗ only to look at: {safe(self.whole)}", "error"),)
        return missing, (Span(f"→ {', '.join(ways)}", "leaf"),)
