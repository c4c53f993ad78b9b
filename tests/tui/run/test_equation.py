"""The fitted equation in the data's own units predicts what the run does, at any width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from engine.data.source import Table
from engine.training.problem import Problem, State
from tui.run.equation import equation, terms, wrapped

TABLE = Table(
    "/data/cars.csv", "dist", ("speed", "weight"), 3, "", means=(10.0, -2.0), scales=(5.0, 0.5)
)
STATE = State(9, (20.0, -3.0), 4.0)


def test_it_is_over_the_columns_in_their_own_units() -> None:
    written = equation(Problem(TABLE), STATE, str)
    assert written == "dist = 4.0·speed - 6.0·weight - 48.0"
    for speed, weight in ((0.0, 0.0), (11.0, 2.5)):
        learned = 20 * (speed - 10) / 5 - 3 * (weight + 2) / 0.5 + 4
        assert 4 * speed - 6 * weight - 48 == pytest.approx(learned)


@given(st.integers(1, 60))
def test_it_is_whole_at_every_width_and_broken_between_its_terms(width: int) -> None:
    parts = terms(Problem(TABLE), STATE, str)
    lines = wrapped(parts, width)
    assert " ".join(line.strip() for line in lines) == " ".join(parts)
    longest = max(cell_len(part) for part in parts) + 2
    assert all(cell_len(line) <= max(width, longest) for line in lines)


def test_what_a_file_calls_its_columns_is_plain() -> None:
    table = Table("/data/a.csv", "\x1b[2J", ("x",), 3, "")
    assert "\x1b" not in equation(Problem(table), State(0, (1.0,), -1.0), str)
