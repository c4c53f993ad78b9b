"""The lines of a source text as Python counts them, which is not as `str.splitlines` does.

A form feed between two functions, as editors of old put it there, begins no line.
"""

from __future__ import annotations


def source_lines(text: str, *, with_ends: bool = False) -> list[str]:
    """Return the lines of a text that has Unix newlines; `with_ends` each with its own."""
    lines = text.split("\n")
    last = lines.pop()
    if with_ends:
        lines = [f"{line}\n" for line in lines]
    return [*lines, last] if last else lines
