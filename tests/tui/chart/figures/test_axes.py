from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.chart.figures.axes import Axis, iterations, nice, sticky

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
ZOOMS = st.sampled_from([1.0, 1e-1, 1e-3, 1e-5, 1e-7])
"""Which part of an axis is seen."""


@given(st.lists(NUMBERS), st.booleans())
def test_limits_are_finite_and_hold_everything_that_can_be_placed(
    values: list[float], log: bool
) -> None:
    axis = sticky(values, log=log)
    assert math.isfinite(axis.low) and math.isfinite(axis.high) and axis.low < axis.high
    for value in values:
        place = axis.fraction(value)
        assert (place is None) == (not math.isfinite(value) or (log and value <= 0))
        assert place is None or abs(value) > 1e300 or -1e-6 <= place <= 1 + 1e-6


@given(st.lists(NUMBERS), st.booleans(), st.integers(1, 30), st.floats(0, 0.99), ZOOMS)
@example([1e300], True, 1, 0.75, 1.0)
@example([1e-300], True, 1, 0.0, 0.1)
@example([], True, 1, 1e-9, 1e-3)
def test_ticks_differ_are_on_the_axis_and_at_most_one_more_than_asked(
    values: list[float], log: bool, most: int, left: float, zoom: float
) -> None:
    ticks = sticky(values, log=log).seen(left, left + zoom * (1 - left)).ticks(most)
    assert len(ticks) <= most + 1
    assert all(-1e-6 <= place <= 1 + 1e-6 and len(text) <= 10 for place, text in ticks)
    assert len({text for _, text in ticks}) == len(ticks)


@pytest.mark.parametrize(
    ("axis", "texts"),
    [
        (Axis(0.99998, 1.00003), "0.99998 0.99999 1.00000 1.00001 1.00002 1.00003"),
        (Axis(123_000, 123_400), "123000 123100 123200 123300 123400"),
        (Axis(2e7, 2e7 + 2), "20000000.0 20000000.5 20000001.0 20000001.5 20000002.0"),
        (Axis(1.7e9, 1.7e9 + 0.35), "1.7000e+09 +0.1 +0.2 +0.3"),
        (Axis(1_234_500, 1_234_502, counts=True), "1234500 1234501 1234502"),
        (Axis(0, 40_000, counts=True), "0 10k 20k 30k 40k"),
    ],
)
def test_labels_have_the_digits_that_tell_them_apart(axis: Axis, texts: str) -> None:
    assert [text for _, text in axis.ticks(5)] == texts.split()


@pytest.mark.parametrize(("value", "rung"), [(1, 1), (1.01, 2), (2.5, 5), (7, 10), (3e-7, 5e-7)])
def test_round_numbers_are_one_two_and_five(value: float, rung: float) -> None:
    assert nice(value) == pytest.approx(rung)


def test_limits_move_in_few_steps_while_a_range_grows() -> None:
    limits = {sticky([0.0, top / 100]) for top in range(1, 1001)}
    assert len(limits) < 60
    moved = [sticky([0.5, 3 - 2.5 * 0.99**n]) for n in range(1, 500)]
    assert sum(a != b for a, b in pairwise(moved)) <= 20


def test_a_falling_loss_moves_its_axis_by_decades() -> None:
    axes = [sticky([4.0, 4 * 0.99**n], log=True) for n in range(1, 1500)]
    assert sum(a != b for a, b in pairwise(axes)) < 15


def test_a_loss_that_hardly_moves_has_its_axis_around_it() -> None:
    axis = sticky([1.106, 1.069], log=True)
    places, texts = zip(*axis.ticks(3), strict=True)
    assert texts == ("1.05", "1.10", "1.15")
    assert places == pytest.approx([math.log(float(t) / 1.05, 1.15 / 1.05) for t in texts])


@pytest.mark.parametrize(
    ("done", "target", "high"),
    [(0, 5000, 10), (11, 5000, 20), (1200, 5000, 2000), (2600, 3000, 3000)],
)
def test_iterations_grow_to_round_numbers_but_not_beyond_the_target(
    done: int, target: int, high: float
) -> None:
    assert iterations(done, target) == Axis(0.0, high, counts=True)


@pytest.mark.parametrize(
    ("low", "high", "most", "texts"),
    [(-0.4, 0.4, 3, "-0.4 0.0 0.4"), (21, 24, 1, "22 24"), (-4.0, 4.0, 3, "-4 0 4")],
)
def test_one_label_alone_says_nothing_of_a_scale(
    low: float, high: float, most: int, texts: str
) -> None:
    assert [text for _, text in Axis(low, high).ticks(most)] == texts.split()


def test_labels_have_one_width_on_one_axis() -> None:
    assert [text for _, text in sticky([0.0, 0.8]).ticks(4)] == ["0.0", "0.2", "0.4", "0.6", "0.8"]
    powers = [text for _, text in sticky([1e-6, 10.0], log=True).ticks(8)]
    assert powers == ["1e-06", "1e-05", "1e-04", "1e-03", "1e-02", "1e-01", "1", "10"]
    assert next(text for _, text in sticky([1e-3, 1.0], log=True).ticks(4)) == "0.001"
    assert iterations(20_000, 10**9).ticks(4)[-1][1] == "20k"
