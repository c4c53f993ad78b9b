"""Reading a script from disk, with one clear line for everything that is not one."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path

from engine.regular_files import NotRegularError, read_regular

SIZE_LIMIT = 2_000_000
"""A Python file of more bytes is not a lesson or a script somebody wrote."""


class SourceError(ValueError):
    """A script that cannot be read: one line that says what is wrong."""


def read_source(path: Path) -> str:
    """The text of a Python file, decoded as Python would; raises SourceError."""
    try:
        data = read_regular(path, SIZE_LIMIT + 1)
        if len(data) > SIZE_LIMIT:
            raise SourceError(f"{path} is larger than {SIZE_LIMIT // 1_000_000} MB")
        text = _decoded(data)
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist") from None
    except (UnicodeDecodeError, SyntaxError, LookupError):
        raise SourceError(f"{path} is not Python source text") from None
    except NotRegularError as error:
        raise SourceError(f"{path} is {error.kind}; a Python file is needed") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from None
    if "\0" in text:
        raise SourceError(f"{path} is not Python source text")
    return text


def _decoded(data: bytes) -> str:
    """The text in the encoding that it names itself, with newlines as Python has them."""
    lines = io.BytesIO(data)
    encoding, _ = tokenize.detect_encoding(lines.readline)
    lines.seek(0)
    return io.TextIOWrapper(lines, encoding).read()
