"""A picture made of text: rows of spans that say what they are, not which colour they have.

Everything drawn (graphs, charts) ends as a `Picture`; one widget gives roles their colours.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.quick_records import quickly_made


@quickly_made
@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one row, all of one role."""

    text: str
    """Printable, without control characters; as wide as `rich.cells.cell_len` says."""
    role: str = ""
    """What it is, as in `leaf`, `edge`, `axis`; empty for blank space and plain text."""
    key: int = -1
    """Which node (or edge) it belongs to; -1 for none."""


Row = tuple[Span, ...]
"""The spans of one row (or of one paragraph, before it is wrapped), left to right."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows of spans, each row filled to the full width."""

    width: int
    rows: tuple[Row, ...]

    @property
    def height(self) -> int:
        """The number of rows, which is cells down."""
        return len(self.rows)

    @property
    def text(self) -> str:
        """The rows without roles, trailing blanks removed."""
        return "\n".join("".join(span.text for span in row).rstrip() for row in self.rows)
