"""A run that cannot recover is found out long before its numbers are not finite, no other is."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.source import Synthetic
from engine.data.table_cache import read_table
from engine.training.closed_form import theory
from engine.training.dataset import start
from engine.training.descent import steps
from engine.training.divergence import DivergenceWatch
from engine.training.problem import Problem
from engine.training.theory import rounded_down
from tests.engine.training.problems import problems
from tests.examples import examples

REFERENCE = Problem()


def sign(problem: Problem, iterations: int = 2000) -> str | None:
    """What the watch says of the first iterations of a run."""
    begin = start(problem)
    watch = DivergenceWatch(problem, begin, theory(problem))
    said = map(watch.sign, islice(steps(problem, begin), iterations))
    return next((one for one in said if one), None)


def limit(problem: Problem) -> float:
    return theory(problem).stable_rate(problem.momentum, zeroing=problem.zeroing)


@examples(40)
@given(problems(), st.floats(0.05, 1.0))
def test_no_run_below_the_limit_is_stopped(problem: Problem, part: float) -> None:
    if bound := limit(problem):
        assert sign(replace(problem, learning_rate=part * bound), 300) is None


@examples(40)
@given(problems(), st.floats(1.05, 100.0))
def test_every_run_above_it_is_stopped_unless_it_stays_where_it_is(
    problem: Problem, times: float
) -> None:
    problem = replace(problem, learning_rate=times * (limit(problem) or 1.0))
    known, begin = theory(problem), start(problem)
    last = list(islice(steps(problem, begin), 600))[-1]
    stays = last.finite and known.distance(last.w, last.b) <= 2 * known.distance(begin.w, begin.b)
    assert stays or sign(problem, 600) is not None


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_rate_that_is_named_converges(momentum: float) -> None:
    problem = replace(REFERENCE, momentum=momentum, learning_rate=3.9)
    said = sign(problem)
    assert said is not None
    advised = float(said.rpartition(" ")[2])
    assert 0.999 * limit(problem) < advised < limit(problem)
    following = replace(problem, learning_rate=advised)
    known = theory(following)
    watch = DivergenceWatch(following, start(following), known)
    for end in islice(steps(following, start(following)), 20_000):
        assert watch.sign(end) is None
    assert known.distance(end.w, end.b) < 0.1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_exactly_at_the_limit_the_error_does_not_grow(dtype: str) -> None:
    problem = Problem(dtype="float64" if dtype == "float64" else "float32")
    assert sign(replace(problem, learning_rate=limit(problem)), 2000) is None


def end(problem: Problem, iterations: int) -> str | None:
    """What the watch says of the last of so many iterations."""
    begin = start(problem)
    *_, last = islice(steps(problem, begin), iterations)
    return DivergenceWatch(problem, begin, theory(problem)).at_end(last)


AT_THE_LIMIT = {
    "plain": REFERENCE,
    "float64": replace(REFERENCE, dtype="float64"),
    "with momentum": replace(REFERENCE, momentum=0.9),
    "two features": Problem(Synthetic(true_w=(1.0, 2.0))),
    "one point": Problem(Synthetic(points=1)),
}


@pytest.mark.parametrize("problem", AT_THE_LIMIT.values(), ids=AT_THE_LIMIT.keys())
def test_a_run_at_the_limit_is_stuck(problem: Problem) -> None:
    at = replace(problem, learning_rate=limit(problem))
    said = "is the largest stable, where the error keeps its size"
    assert str(end(at, 500)).startswith("stuck at iteration 499: learning rate ")
    assert str(end(at, 500)).endswith(said)
    assert end(replace(at, learning_rate=limit(problem) * (1 - 1e-4)), 500) is None


def test_at_the_limit_gradients_that_add_up_make_the_error_grow() -> None:
    adding = replace(REFERENCE, zeroing=False)
    said = end(replace(adding, learning_rate=limit(adding)), 500)
    assert str(said).endswith("where the error grows, since gradients are never zeroed")
    assert end(adding, 500) is None, "below it swings for ever, as is shown on purpose"


@pytest.mark.parametrize("rate", [1.0, 1e6])
def test_a_run_that_begins_at_the_optimum_is_done_at_any_rate(rate: float) -> None:
    source = Synthetic(true_w=(2.0,), true_b=0.5)
    problem = Problem(source, start_w=(2.0,), start_b=0.5)
    assert end(replace(problem, learning_rate=rate * limit(problem)), 9) is None


def test_a_run_at_the_optimum_stays_there_at_any_rate() -> None:
    source = Synthetic(true_w=(2.0,), true_b=0.5)
    problem = Problem(source, start_w=(2.0,), start_b=0.5, learning_rate=1e6)
    assert sign(problem) is None


def test_rounding_alone_is_no_sign_until_it_has_grown() -> None:
    beside = Problem(start_w=(3.0,), start_b=0.8, learning_rate=1.0)
    run = list(islice(steps(beside, start(beside)), 2000))
    diverged = next((step.iteration for step in run if not step.finite), None)
    assert (sign(beside) is None) == (diverged is None)


def test_a_large_weight_hides_no_growth_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "small.csv"
    path.write_text("x,y\n1e-7,100\n-1e-7,-80\n2e-7,210")
    problem = Problem(read_table(path))
    assert sign(replace(problem, learning_rate=1.05 * limit(problem)), 3) is not None


def test_one_point_has_a_limit_too() -> None:
    one = Problem(Synthetic(points=1))
    assert sign(replace(one, learning_rate=1.01 * limit(one))) is not None
    assert sign(replace(one, learning_rate=0.99 * limit(one))) is None


def test_without_zeroing_momentum_never_converges() -> None:
    said = sign(replace(REFERENCE, momentum=0.9, zeroing=False))
    assert said is not None
    assert said.endswith("no learning rate is stable where gradients are never zeroed")


@pytest.mark.parametrize(
    ("bound", "rate"),
    [(0.8208971637, "0.8208"), (0.5, "0.4999"), (1.0, "0.9999"), (2.00009e-6, "2e-06")],
)
def test_a_limit_is_rounded_to_what_is_below_it(bound: float, rate: str) -> None:
    assert rounded_down(bound) == rate
    assert float(rate) < bound
