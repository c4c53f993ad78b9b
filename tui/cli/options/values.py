"""What reads the text of one option, and says what it must be: an ArgumentTypeError."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable
from pathlib import Path

from engine.data.cells import visible
from tui.config.errors import either

LAST_PORT = 65535
DATA = (".csv", ".tsv", ".parquet", ".pq", ".xlsx", ".xls")
"""How names of data end, which are no scripts although some would compile."""
DIGITS = 19
"""More than these are out of the range of every whole number there is to give."""


def whole(text: str) -> int:
    """An option's whole number; raises argparse.ArgumentTypeError."""
    try:
        if len(text.replace("_", "").lstrip("+-0")) <= DIGITS:
            return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, not {text!r}") from None
    raise argparse.ArgumentTypeError(f"must be a whole number of at most {DIGITS} digits")


def positive(text: str) -> int:
    """An option's whole number of at least 1; raises argparse.ArgumentTypeError."""
    if (count := whole(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {count}")
    return count


def port(text: str) -> int:
    """An option's number of a TCP port; raises argparse.ArgumentTypeError."""
    if not 0 <= (number := whole(text)) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"must be from 0 to {LAST_PORT}, not {number}")
    return number


def number(text: str) -> float:
    """An option's number, which may turn out not to be finite."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, not {text!r}") from None


def one_of(*choices: str) -> Callable[[str], str]:
    """The type of an option that takes one of a few words."""

    def chosen(text: str) -> str:
        if text not in choices:
            raise argparse.ArgumentTypeError(f"must be {either(*choices)}, not {text!r}")
        return text

    return chosen


def file_name(text: str) -> str:
    """A name that is not empty, which would stand for the folder; else an ArgumentTypeError."""
    if not text:
        raise argparse.ArgumentTypeError("is an empty name")
    return text


def is_data(name: str) -> bool:
    """Whether a name is that of a file to learn from, by its ending."""
    return Path(name).suffix.lower() in DATA


def for_data(name: str) -> str:
    """The option that learns from a file."""
    return f"--data {visible(shlex.quote(name), 400)}"
