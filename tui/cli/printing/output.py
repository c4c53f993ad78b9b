"""What the commands write: plain text on stdout, complaints on stderr, no escapes."""

from __future__ import annotations

import io
import os
import sys
import warnings
from pathlib import Path
from typing import TextIO

from engine.recording.syntax import READ
from tui.kit.text import safe

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def complain(message: str) -> None:
    """Print a message as one line on stderr, made safe to show."""
    print(f"linreg-tui: {safe(message)}", file=sys.stderr)


def prepare_streams() -> None:
    """See to it that writing never fails for a character's sake, or for a stream's that is shut.

    What a stream cannot encode becomes `?`. Of a script that is only read no warning is written.
    """
    warnings.filterwarnings("ignore", module=READ)
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 - open to the end
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def can_show(text: str, stream: TextIO) -> bool:
    """Whether the stream's encoding has every character of the text."""
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def drop_stdout() -> None:
    """Let Python's own last flush go nowhere, where nobody reads stdout any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
