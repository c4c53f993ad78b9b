"""Reading a script from disk, with one clear line for everything that is not one."""

from __future__ import annotations

import tokenize
from pathlib import Path

SIZE_LIMIT = 2_000_000
"""A Python file of more bytes is not a lesson or a script somebody wrote."""


class SourceError(ValueError):
    """A script that cannot be read: one line that says what is wrong."""


def read_source(path: Path) -> str:
    """The text of a Python file, decoded as Python would; raises SourceError."""
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a directory; a Python file is needed")
        if path.stat().st_size > SIZE_LIMIT:
            raise SourceError(f"{path} is larger than {SIZE_LIMIT // 1_000_000} MB")
        with tokenize.open(path) as file:
            text = file.read()
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist") from None
    except (UnicodeDecodeError, SyntaxError, LookupError):
        raise SourceError(f"{path} is not Python source text") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from None
    if "\0" in text:
        raise SourceError(f"{path} is not Python source text")
    return text
