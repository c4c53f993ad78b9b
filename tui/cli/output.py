"""What the commands write: plain text and JSON on stdout, complaints on stderr, no escapes."""

from __future__ import annotations

import io
import json
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from engine.autograd.values import Number, Value, finite
from tui.kit.text import safe

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def complain(message: str) -> None:
    """Print a message as one line on stderr, made safe to show."""
    print(f"linreg-tui: {safe(message)}", file=sys.stderr)


def write_json(thing: Json) -> None:
    """Print one line of JSON on stdout; the format escapes control characters."""
    print(json.dumps(thing, allow_nan=False), flush=True)


def json_number(number: Number) -> Json:
    """A number for JSON, in full precision; null where it is not finite, as JSON has no such."""
    if not finite(number):
        return None
    return [number.real, number.imag] if isinstance(number, complex) else number


def json_value(value: Value | None) -> Json:
    """A value for JSON: nested lists, or of a large tensor its shape, its corner and a summary."""
    if value is None:
        return None
    nested = _nested(value.numbers, value.corner)
    if value.whole:
        return nested
    described: dict[str, Json] = {"shape": list(value.shape), "dtype": value.dtype}
    if value.numbers:
        described["corner"] = nested
    if (summary := value.summary) is not None:
        described |= {
            "norm": json_number(summary.norm),
            "minimum": json_number(summary.minimum),
            "maximum": json_number(summary.maximum),
            "mean": json_number(summary.mean),
            "non_finite": summary.non_finite,
        }
    return described


def prepare_streams() -> None:
    """See to it that writing never fails for a character's sake, or for a stream's that is shut.

    What a stream cannot encode becomes `?`.
    """
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


def _nested(numbers: Sequence[Number], shape: Sequence[int]) -> Json:
    if not shape:
        return json_number(numbers[0]) if numbers else None
    size = math.prod(shape[1:])
    return [_nested(numbers[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]
