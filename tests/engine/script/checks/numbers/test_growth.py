from __future__ import annotations

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.script.checks.numbers.ascents import ascents
from engine.script.checks.numbers.growth import LossGrowth
from engine.script.checks.places import Place

PLACE = Place(7, 0, "line 7", "loss.backward()")


def said(*losses: float) -> list[str]:
    growth = LossGrowth()
    growth.add(losses)
    return [one.what for one in growth.ended(PLACE, 0)]


def test_a_loss_that_overflows_says_how_fast_and_where() -> None:
    losses = [10.0**n for n in range(0, 35, 5)]
    assert said(*losses, math.inf) == ["The loss grew ×1e+05 a pass, first infinite at pass 7."]


def test_one_that_still_grows_at_the_end_is_said_too() -> None:
    (words,) = said(*(2.0**n for n in range(10)))
    assert words == "The loss grew ×2 a pass, and was still growing at the end."


def test_one_that_goes_uphill_on_purpose_is_not_called_wrong() -> None:
    growth = LossGrowth()
    growth.add([2.0**n for n in range(10)])
    (one,) = growth.ended(PLACE, 0, lambda: Place(9, 0, "line 9", "w += w.grad"))
    assert one.why.startswith("`w += w.grad`, line 9, adds the gradient")
    assert "right where this is to become large" in one.why


@pytest.mark.parametrize(
    ("statement", "goes_uphill"),
    [
        ("w += rate * w.grad", True),
        ("w.data += w.grad.data", True),
        ("w = w.data + 0.1 * w.grad", True),
        ("w.add_(w.grad, alpha=0.1)", True),
        ("w.data.add_(w.grad, alpha=-0.1)", False),
        ("w += -rate * w.grad", False),
        ("w -= rate * w.grad", False),
        ("total += w.grad", False),
        ("v = w + w.grad", False),
    ],
)
def test_what_adds_its_own_gradient_goes_uphill(statement: str, goes_uphill: bool) -> None:
    found = ascents(ast.walk(ast.parse(statement)))
    assert [one.text for one in found] == [statement] * goes_uphill


@pytest.mark.parametrize(
    "losses",
    [
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        [1.0, 1e3, 1.0, 1e4, 1.0, 1e5],
        [1.0, 0.5, 0.25, math.nan],
        [],
        [0.0] * 8,
        [2.0, *(-(3.0**n) for n in range(3, 12))],
    ],
    ids=["little", "up and down", "nan after falling", "none", "zero", "falls below zero"],
)
def test_nothing_is_said_of(losses: list[float]) -> None:
    assert said(*losses) == []


@given(st.floats(1.6, 100), st.integers(12, 60), st.integers(1, 7))
def test_the_factor_is_that_of_a_geometric_series(ratio: float, count: int, chunk: int) -> None:
    losses = [1e-3 * ratio**n for n in range(count)]
    growth = LossGrowth()
    for start in range(0, count, chunk):
        growth.add(losses[start : start + chunk])
    (one,) = growth.ended(PLACE, 0)
    assert f"×{ratio:.3g} a pass" in one.what


def test_passes_without_a_loss_of_one_number_are_left_out() -> None:
    growth = LossGrowth()
    growth.add([1.0, math.nan, 100.0, math.nan, 1e4, 1e6, 1e8], without=[1, 3])
    (one,) = growth.ended(PLACE, 0)
    assert "×100 a pass" in one.what
