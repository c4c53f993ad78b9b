"""What the commands write as JSON on stdout, where any number is one that JSON has."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from engine.autograd.values import Number, Value, finite
from tui.cli.printing.output import Json


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


def _nested(numbers: Sequence[Number], shape: Sequence[int]) -> Json:
    if not shape:
        return json_number(numbers[0]) if numbers else None
    size = math.prod(shape[1:])
    return [_nested(numbers[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]
