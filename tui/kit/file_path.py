"""A file's path as it is typed into a prompt or a form."""

from __future__ import annotations

from pathlib import Path


def file_path(text: str) -> Path:
    """A file's path as typed, `~` for a home; raises ValueError with one line."""
    if not text.strip():
        raise ValueError("a file's name is needed")
    if "\0" in text:
        raise ValueError("no file's name has a NUL in it")
    try:
        return Path(text.strip()).expanduser()
    except RuntimeError:
        raise ValueError("there is no such user's home to begin with") from None
