"""Reading a script from disk, with one clear line for everything that is not one."""

from __future__ import annotations

import io
import tokenize
import warnings
from bisect import bisect_left
from pathlib import Path

from engine.recording.source_lines import source_lines
from engine.regular_files import NotRegularError, read_regular

SIZE_LIMIT = 2_000_000
"""A Python file of more bytes is not a lesson or a script somebody wrote."""

TOO_DEEP = "nested too deeply for Python to compile"
"""What is said of a text at which the compiler itself gives up."""


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
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        why = f"line {line} is not {error.encoding}, and no other encoding is named"
        raise SourceError(f"{path} is not Python source text: {why}") from None
    except (SyntaxError, LookupError) as error:
        raise SourceError(f"{path} is not Python source text: {error}") from None
    except NotRegularError as error:
        raise SourceError(f"{path} is {error.kind}; a Python file is needed") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SourceError(f"{path} is not Python source text: line {line} has a null character")
    return text


def deep_line(source: str) -> int:
    """The line, from 1, of the outermost statement that is `TOO_DEEP`; 1 where it is not found."""
    lines = source_lines(source, with_ends=True)
    starts = [n for n, line in enumerate(lines) if line[:1] not in " \t\r\n\f#)]}"]
    ends = [*starts[1:], len(lines)]

    def is_too_deep(index: int) -> bool:
        """Whether the lines so far are, or, where they end in a statement, with its other lines."""
        answers = (_is_too_deep("".join(lines[:end])) for end in ends[index:])
        return next((answer for answer in answers if answer is not None), True)

    index = bisect_left(range(len(starts)), True, key=is_too_deep)
    return starts[index] + 1 if index < len(starts) else 1


def _is_too_deep(text: str) -> bool | None:
    """Whether Python gives up at a text; None where it is not one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "", "exec", dont_inherit=True)
    except (RecursionError, MemoryError):
        return True
    except (SyntaxError, ValueError):
        return None
    return False


def _decoded(data: bytes) -> str:
    """The text in the encoding that it names itself, with newlines as Python has them."""
    lines = io.BytesIO(data)
    encoding, _ = tokenize.detect_encoding(lines.readline)
    lines.seek(0)
    return io.TextIOWrapper(lines, encoding).read()
