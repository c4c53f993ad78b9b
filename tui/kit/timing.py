"""Times in words."""

from __future__ import annotations


def left(seconds: float) -> str:
    """`12 s left`, `3 min left`."""
    return f"{seconds:.0f} s left" if seconds < 120 else f"{seconds / 60:.0f} min left"
