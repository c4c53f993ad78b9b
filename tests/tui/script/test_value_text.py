"""What is written of many numbers is true of all of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.autograd.values import Summary, Value
from tui.script.value_text import brief, summary_line

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda number: float(f"{number:.7g}"))


def many(low: float, high: float) -> Value:
    return Value((500,), "float32", (low,), (1,), Summary(1.0, low, high, 0.0, 0))


@pytest.mark.parametrize(
    ("low", "high", "room", "text"),
    [
        (0.9985, 1.005, 16, ".9985 … 1.005"),
        (0.9985, 1.005, 8, "≤1.1"),
        (1.0, 1.0, 8, "all 1"),
        (-0.0549, 0.97, 14, "-.055 … .97"),
        (-0.0549, 0.97, 6, "≤.97"),
        (-0.97, 0.97, 6, "±.97"),
        (-3.0, 2.55, 5, "≥-3"),
        (0.0, 0.974, 14, "0 … .98"),
    ],
)
def test_a_range_is_written_so_that_it_is_true(
    low: float, high: float, room: int, text: str
) -> None:
    assert brief(many(low, high), room) == text


def test_of_complex_numbers_the_largest_magnitude_is_said() -> None:
    value = Value((2,), "complex64", (1 + 2j, 3 - 1j), (2,))
    assert brief(value, 14) == "[1+2j, 3-1j]"
    assert brief(value, 8) == "|z|≤3.2"


@given(NUMBERS, NUMBERS, st.integers(4, 40))
def test_no_number_is_outside_of_what_is_written(one: float, two: float, room: int) -> None:
    low, high = min(one, two), max(one, two)
    for text in (brief(many(low, high), room), summary_line(many(low, high)).partition("  ")[2]):
        ends = [float(number) for number in re.findall(r"-?[\d.]+(?:e[-+]\d+)?", text)]
        if text.startswith("all"):
            assert low == high
        elif "…" in text:
            assert ends[0] <= low
            assert high <= ends[1]
        elif text.startswith("≥"):
            assert ends[0] <= low
        elif text:
            assert high <= ends[0]
