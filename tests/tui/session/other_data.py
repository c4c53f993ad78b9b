"""Data that are read after others, whose numbers then are not in memory any more."""

from __future__ import annotations

from pathlib import Path

from engine.data.table_cache import KEPT, read_table


def read_others(folder: Path) -> None:
    """Read as many tables as stay in memory."""
    for number in range(KEPT):
        path = folder / f"other{number}.csv"
        path.write_text("x,y\n1,2\n2,3\n")
        read_table(path)
