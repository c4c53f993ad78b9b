"""Whether Python can read a text, before it is run."""

from __future__ import annotations

import warnings
from typing import NamedTuple

from engine.script.frames.source_file import TOO_DEEP, deep_line


class Problem(NamedTuple):
    """Where and why a text is not Python."""

    line: int
    """The number of the line, from 1."""
    column: int
    """The column, from 1."""
    message: str


def problem_in(text: str) -> Problem | None:
    """Return the first thing in a text that Python cannot read; None where it can read all."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<edited>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return Problem(max(error.lineno or 1, 1), max(error.offset or 1, 1), error.msg)
    except (RecursionError, MemoryError):
        return Problem(deep_line(text), 1, TOO_DEEP)
    except ValueError as error:
        return Problem(1, 1, str(error))
    return None
