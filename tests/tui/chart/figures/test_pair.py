"""The planes that a loss surface may lie across, against the loss of the quadratic form."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.source import Synthetic
from engine.training.closed_form import theory
from engine.training.dataset import start
from engine.training.problem import Problem, State, Step
from engine.training.step_columns import Steps
from tui.chart.figures.pair import Eigenvectors, Pair, Parameters, parameters
from tui.chart.figures.plane import plane

PROBLEM = Problem(Synthetic(points=40, noise=0.5, true_w=(3.0, -1.0, 2.0)), dtype="float64")
KNOWN = theory(PROBLEM)
HERE = start(PROBLEM)
PAIRS: list[Pair] = [
    *(Parameters(x, y) for x, y in product(range(4), repeat=2) if x != y),
    Eigenvectors(KNOWN),
]


def moved(pair: Pair, by: tuple[float, float]) -> State:
    """The state so far away along both directions."""
    if isinstance(pair, Parameters):
        values = [*HERE.w, HERE.b]
        values[pair.x] += by[0]
        values[pair.y] += by[1]
    else:
        vectors = zip(KNOWN.eigenvectors[-1], KNOWN.eigenvectors[0], strict=True)
        ways = [by[0] * u + by[1] * v for u, v in vectors]
        values = [value + way for value, way in zip((*HERE.w, HERE.b), ways, strict=True)]
    return State(0, tuple(values[:-1]), values[-1])


def loss(state: State) -> float:
    return KNOWN.loss_at(state.w, state.b)


@given(st.sampled_from(PAIRS), st.floats(-3, 3), st.floats(-3, 3))
def test_on_any_plane_the_loss_is_that_of_the_data(pair: Pair, across: float, up: float) -> None:
    ground, there = plane(KNOWN, HERE, pair), moved(pair, (across, up))
    assert ground is not None
    x, y = pair.place(HERE)
    assert pair.place(there) == pytest.approx((x + across, y + up), abs=1e-9)
    above = ground.excess(*pair.place(there)) - ground.excess(x, y)
    assert above == pytest.approx(loss(there) - loss(HERE), abs=1e-8)
    assert ground.excess(ground.x, ground.y) == 0
    assert ground.gradient(x, y) == pytest.approx(pair.slopes(KNOWN, HERE), abs=1e-9)


@pytest.mark.parametrize("pair", [Parameters(2, 0), Eigenvectors(KNOWN)])
def test_a_path_is_where_its_steps_are(pair: Pair) -> None:
    states = [moved(pair, (i, i * i)) for i in range(5)]
    zeros = (0.0,) * 3
    steps = Steps(Step(i, 0.0, one.w, one.b, zeros, 0.0) for i, one in enumerate(states))
    xs, ys = pair.tracks(steps)
    assert list(xs) == pytest.approx([pair.place(one)[0] for one in states])
    assert list(ys) == pytest.approx([pair.place(one)[1] for one in states])


@given(st.integers(-99, 99), st.integers(-99, 99), st.integers(2, 9))
def test_two_parameters_are_never_the_same_one(across: int, up: int, count: int) -> None:
    x, y = parameters(across, up, count)
    assert x != y
    assert {x, y} <= set(range(count))
