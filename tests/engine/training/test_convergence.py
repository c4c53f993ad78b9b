"""How many iterations remain, against the exact formula of the iterates."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice

import pytest
import torch
from hypothesis import assume, example, given
from hypothesis import strategies as st

from engine.data.source import Synthetic
from engine.training.closed_form import solve, theory
from engine.training.convergence import (
    WITHIN,
    aimed,
    distance,
    goal,
    iterations_asked,
    tolerances,
)
from engine.training.dataset import Dataset, start
from engine.training.descent import steps
from engine.training.problem import Problem, State
from engine.training.theory import Prediction, Theory, rounded_down
from tests.engine.training.problems import problems
from tests.examples import examples

REFERENCE = Problem(dtype="float64")


def reached(known: Theory, begin: State, there: Prediction) -> bool:
    """Whether the parameters are within 1% of where they go to, but for rounding.

    That may be where they begin, as where a single point is hit already.
    """
    values = zip((*there.w, there.b), goal(known, begin), tolerances(known, begin), strict=True)
    rounding = 1e-15 * max(map(abs, (*known.w, known.b)))
    return all(
        abs(value - best) <= tolerance * (1 + 1e-6) + rounding for value, best, tolerance in values
    )


@examples(60)
@given(problems(), st.floats(0.01, 0.99))
@example(Problem(Synthetic(points=1, noise=0.0, true_w=(1.0,), true_b=0.0), start_w=(1.0,)), 0.5)
def test_after_so_many_more_iterations_plain_descent_is_within_a_percent_and_stays(
    problem: Problem, part: float
) -> None:
    known, begin = theory(problem), start(problem)
    problem = replace(problem, momentum=0.0, zeroing=True, learning_rate=part * known.stable_rate())
    more = distance(problem, known, begin, begin).more
    assume(more is not None and more < 10**9)
    assert more is not None
    for later in (more, more + 1, 2 * more):
        there = known.predicted(begin.w, begin.b, problem.learning_rate, later)
        assert reached(known, begin, there)


@given(st.floats(0.05, 1.95), st.integers(0, 1))
def test_along_one_eigenvector_it_is_not_one_iteration_too_many(part: float, which: int) -> None:
    known = theory(REFERENCE)
    assume(abs(part - 1) > 1e-3)
    rate = part / known.eigenvalues[-1]
    w, b = (8 * v for v in known.eigenvectors[which])
    begin = State(0, (known.w[0] + w,), known.b + b)
    more = distance(replace(REFERENCE, learning_rate=rate), known, begin, begin).more
    assert more is not None
    assert more > 0
    before = known.predicted(begin.w, begin.b, rate, more - 1)
    shares = [
        abs(x - best) / limit
        for x, best, limit in zip(
            (*before.w, before.b), goal(known, begin), tolerances(known, begin), strict=True
        )
    ]
    assert max(shares) > 1 - 1e-6


def test_with_momentum_the_count_is_about_right() -> None:
    problem = replace(REFERENCE, momentum=0.5, learning_rate=0.1)
    known, begin = theory(problem), start(problem)
    more = distance(problem, known, begin, begin).more
    assert more is not None
    run = list(islice(steps(problem, begin), 2 * more))
    first = next(
        step.iteration + 1 for step in run if distance(problem, known, begin, step.state).within
    )
    assert more == pytest.approx(first, rel=0.2)
    plain = distance(replace(problem, momentum=0.0), known, begin, begin).more
    assert plain is not None
    assert more < plain


def test_a_run_that_never_gets_there_has_no_count() -> None:
    known, begin = theory(REFERENCE), start(REFERENCE)
    too_fast = replace(REFERENCE, learning_rate=1.001 * known.stable_rate())
    unzeroed = replace(REFERENCE, zeroing=False)
    too_slow = replace(REFERENCE, learning_rate=1e-17)
    for problem in (too_fast, unzeroed, too_slow):
        assert distance(problem, known, begin, begin).more is None


def test_the_worst_parameter_and_the_loss_are_those_of_the_state() -> None:
    known = theory(REFERENCE)
    here = State(9, (known.w[0] * 1.02,), known.b * 0.5)
    far = distance(REFERENCE, known, start(REFERENCE), here)
    assert (far.worst, far.within) == (1, False)
    assert far.share == pytest.approx(0.5)
    assert (far.w[0], far.b) == pytest.approx((0.02 * known.w[0], -0.5 * known.b))
    assert far.loss == pytest.approx(known.loss_at(here.w, here.b) - known.loss)
    best = State(9, known.w, known.b)
    there = distance(REFERENCE, known, start(REFERENCE), best)
    assert (there.share, there.more, there.within) == (0.0, 0, True)


@given(st.floats(1.0, 1e9))
def test_the_condition_asks_for_the_fewest_iterations_at_the_best_rate(condition: float) -> None:
    asked = iterations_asked(condition)
    assert asked is not None
    factor = (condition - 1) / (condition + 1)
    assert factor**asked <= WITHIN * (1 + 1e-6)
    assert asked == 1 or factor ** (asked - 1) > WITHIN * (1 - 1e-6)
    assert iterations_asked(math.inf) is iterations_asked(math.nan) is None


def test_one_point_has_many_optima_and_descent_goes_to_the_nearest() -> None:
    problem = replace(REFERENCE, source=Synthetic(points=1), learning_rate=0.3)
    known, begin = theory(problem), start(problem)
    assert known.singular
    more = distance(problem, known, begin, begin).more
    assert more is not None
    *_, last = islice(steps(problem, begin), 20 * more)
    assert (*last.w, last.b) == pytest.approx(goal(known, begin), rel=1e-9)
    assert last.w[0] != pytest.approx(known.w[0], rel=1e-3)


@given(st.integers(0, 2**32), st.integers(1, 4))
def test_what_standardising_does_is_known_beforehand(seed: int, features: int) -> None:
    made = torch.Generator().manual_seed(seed)
    x = torch.randn(30, features, generator=made, dtype=torch.float64)
    x = x * torch.logspace(-2, 3, features, dtype=torch.float64) + 50
    y = x.sum(1, keepdim=True)
    raw = solve(Dataset(x, y, (0.0,) * features))
    scaled = (x - x.mean(0)) / x.std(0, unbiased=False)
    then = solve(Dataset(scaled, y, (0.0,) * features))
    assert raw.scaled_eigenvalues == pytest.approx(then.eigenvalues, rel=1e-8)
    assert raw.scaled_condition == pytest.approx(then.condition, rel=1e-8)
    assert then.condition < raw.condition


@given(problems())
def test_the_rates_that_are_offered_converge(problem: Problem) -> None:
    known = theory(problem)
    assert 0 < float(rounded_down(known.safe_rate)) < known.safe_rate
    assert known.safe_rate <= known.best_rate <= known.stable_rate() * (1 + 1e-12)
    assert float(rounded_down(known.best_rate)) < known.stable_rate()


def test_of_many_optima_the_one_that_a_run_goes_to_is_known() -> None:
    known = solve(Dataset(torch.full((4, 1), 3.0), torch.tensor([[1.0], [2], [4], [4]]), ()))
    begin = State(0, (0.5,), 0.0)
    there = aimed(known, begin)
    assert there.distance(there.w, there.b) == 0 != known.distance(there.w, there.b)
    assert 3 * there.w[0] + there.b == pytest.approx(2.75)
    moved = there.w[0] - begin.w[0], there.b - begin.b
    assert moved[0] == pytest.approx(3 * moved[1]), "along the gradient"
    assert aimed(theory(REFERENCE), begin) is theory(REFERENCE)
