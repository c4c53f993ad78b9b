from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.problem import Step
from engine.training.step_columns import Steps
from tui.train.printed_rows import thinned


def kept(last: int, stride: int) -> Steps:
    """What a history keeps: multiples of the stride, and the last."""
    iterations = [*range(0, last, stride), last]
    return Steps(Step(i, 1.0, (1.0,), 0.0, (0.0,), 0.0) for i in iterations)


@pytest.mark.parametrize(
    ("last", "stride", "room", "shown"),
    [
        (3, 1, 8, [0, 1, 2, 3]),
        (20, 1, 8, [0, 5, 10, 15, 20]),
        (4999, 4, 12, [*range(0, 5000, 500), 4999]),
        (11, 4, 12, [0, 4, 8, 11]),
        (7, 1, 1, [7]),
    ],
)
def test_rows_stand_at_round_iterations_and_the_last(
    last: int, stride: int, room: int, shown: list[int]
) -> None:
    assert [step.iteration for step in thinned(kept(last, stride), stride, room)] == shown


@given(st.integers(0, 5000), st.integers(0, 9), st.integers(1, 40))
def test_rows_never_exceed_the_room_and_end_with_the_newest(
    last: int, power: int, room: int
) -> None:
    shown = thinned(kept(last, 2**power), 2**power, room)
    assert 1 <= len(shown) <= room
    assert shown[-1].iteration == last
