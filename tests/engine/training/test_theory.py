from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.data.source import Synthetic
from engine.training.closed_form import solve, theory
from engine.training.dataset import Dataset, dataset, start
from engine.training.descent import steps
from engine.training.gradient_rounding import gradient_rounding
from engine.training.problem import Problem, State
from engine.training.theory import Theory, ulps
from tests.engine.training import by_hand
from tests.engine.training.problems import numbers, problems
from tests.examples import examples

REFERENCE = Problem()
TWO = Problem(Synthetic(points=40, noise=0.5, true_w=(3.0, -1.0)), dtype="float64")


def solved(x: torch.Tensor, y: torch.Tensor) -> Theory:
    """The theory of any data."""
    return solve(Dataset(x.double(), y.double().unsqueeze(1), (0.0,) * x.shape[1]))


def test_the_reference_run_in_figures() -> None:
    known = theory(REFERENCE)
    assert known.w == pytest.approx((3.0,), abs=1e-6)
    assert known.b == pytest.approx(0.8, abs=1e-6)
    assert known.eigenvalues == pytest.approx((0.1288, 2.4364), abs=5e-5)
    assert known.stable_rate() == pytest.approx(0.8209, abs=5e-5)
    assert known.condition == pytest.approx(2.4364 / 0.1288, rel=1e-3)
    begin = start(REFERENCE)
    (w_grad,), b_grad = known.gradient_at(begin.w, begin.b)
    assert (w_grad, b_grad) == pytest.approx((-1.955099, -3.570062), abs=1e-6)
    assert by_hand.gradient(REFERENCE, begin)[0] == pytest.approx((w_grad,), rel=1e-12)


def test_the_optimum_solves_the_normal_equations_exactly() -> None:
    """In rational arithmetic, for one feature: w = cov(x, y) / var(x)."""
    problem = replace(REFERENCE, source=Synthetic(noise=0.3))
    made, known = dataset(problem), theory(problem)
    xs = [Fraction(x) for x in made.x[:, 0].tolist()]
    ys = [Fraction(y) for y in made.y[:, 0].tolist()]
    mean_x, mean_y = sum(xs) / 50, sum(ys) / 50
    w = sum((x - mean_x) * y for x, y in zip(xs, ys, strict=True)) / sum(
        (x - mean_x) ** 2 for x in xs
    )
    b = mean_y - w * mean_x
    loss = sum((y - w * x - b) ** 2 for x, y in zip(xs, ys, strict=True)) / 50
    assert known.w[0] == pytest.approx(float(w), rel=1e-14)
    assert known.b == pytest.approx(float(b), rel=1e-14)
    assert known.loss == pytest.approx(float(loss), rel=1e-13)


@given(problems(), st.data())
def test_loss_and_gradient_of_the_quadratic_form_are_those_of_the_data(
    problem: Problem, draw: st.DataObject
) -> None:
    problem = replace(problem, dtype="float64")
    w = draw.draw(st.tuples(*[numbers] * problem.features))
    b = draw.draw(numbers)
    made, known = dataset(problem), theory(problem)
    residual = made.x @ torch.tensor(w, dtype=torch.float64).unsqueeze(1) + b - made.y
    assert known.loss_at(w, b) == pytest.approx(residual.square().mean().item(), abs=1e-9)
    w_grad, b_grad = known.gradient_at(w, b)
    expected_w, expected_b = by_hand.gradient(problem, State(0, w, b))
    assert [*w_grad, b_grad] == pytest.approx([*expected_w, expected_b], abs=1e-9)


def test_the_eigenvectors_diagonalise_the_hessian() -> None:
    known = theory(TWO)
    hessian = torch.tensor(known.hessian, dtype=torch.float64)
    vectors = torch.tensor(known.eigenvectors, dtype=torch.float64)
    design = torch.cat([dataset(TWO).x, torch.ones(40, 1, dtype=torch.float64)], 1)
    torch.testing.assert_close(hessian, design.T @ design * 2 / 40)
    torch.testing.assert_close(
        vectors @ hessian @ vectors.T, torch.diag(torch.tensor(known.eigenvalues).double())
    )
    assert list(known.eigenvalues) == sorted(known.eigenvalues)


@examples(20)
@given(st.integers(1, 200), st.floats(1e-3, 1.2))
def test_training_goes_where_it_was_predicted_to_go(iterations: int, learning_rate: float) -> None:
    problem = replace(TWO, learning_rate=learning_rate)
    begin = start(problem)
    last = next(islice(steps(problem, begin), iterations, None))
    expected = theory(problem).predicted(begin.w, begin.b, learning_rate, iterations)
    assume(expected.loss < 1e300)  # above, the sum over the points is no float any more
    assert last.loss == pytest.approx(expected.loss, rel=1e-8)
    after = theory(problem).predicted(begin.w, begin.b, learning_rate, iterations + 1)
    assert [*last.w, last.b] == pytest.approx([*after.w, after.b], rel=1e-8)
    both = (iterations, iterations + 1)
    losses = theory(problem).predicted_losses(begin.w, begin.b, learning_rate, both)
    assert losses == [expected.loss, after.loss]


def test_a_prediction_of_divergence_is_infinite_not_an_error() -> None:
    expected = theory(TWO).predicted((0.0, 0.0), 0.0, 1e9, 10**9)
    assert expected.loss == math.inf


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_runs_shrink_below_the_largest_stable_rate_and_grow_above(momentum: float) -> None:
    limit = theory(TWO).stable_rate(momentum)

    def after(rate: float) -> float:
        problem = replace(TWO, learning_rate=rate, momentum=momentum)
        return next(islice(steps(problem, start(problem)), 600, None)).loss

    first = next(steps(TWO, start(TWO))).loss
    assert after(0.99 * limit) < first < after(1.01 * limit)


def error_after(iterations: int, rate: float, momentum: float) -> float:
    """How far a run without zeroing is from the optimum, at most, in its last tenth."""
    problem = replace(TWO, learning_rate=rate, momentum=momentum, zeroing=False)
    known, last = theory(problem), iterations - iterations // 10
    run = islice(steps(problem, start(problem)), last, iterations)
    return max(known.distance(step.w, step.b) for step in run)


def test_without_zeroing_a_run_swings_below_twice_the_limit_and_grows_above() -> None:
    limit = theory(TWO).stable_rate(zeroing=False)
    assert limit == 2 * theory(TWO).stable_rate()
    far = error_after(400, 0.5 * limit, 0.0)
    assert 0.1 < far < 100
    assert error_after(4000, 0.5 * limit, 0.0) == pytest.approx(far, rel=0.5)
    assert error_after(400, 1.01 * limit, 0.0) > 1000 * far


@pytest.mark.parametrize("momentum", [0.1, 0.5, 0.9])
def test_without_zeroing_no_rate_is_stable_with_momentum(momentum: float) -> None:
    assert theory(TWO).stable_rate(momentum, zeroing=False) == 0
    rate = 0.05 * theory(TWO).stable_rate()
    assert error_after(4000, rate, momentum) > 100 * error_after(400, rate, momentum)


def test_equal_x_leave_w_undecided() -> None:
    known = solved(torch.full((7, 1), 0.1), torch.arange(7.0))
    assert known.eigenvalues[0] == 0
    assert known.condition == math.inf
    assert known.w == pytest.approx((0.0,))
    assert known.b == pytest.approx(3.0)
    assert known.loss == pytest.approx(4.0)


def test_dependent_features_share_the_weight() -> None:
    x = torch.rand(20, 1, generator=torch.Generator().manual_seed(0)).double()
    known = solved(torch.cat([x, 2 * x], 1), 5 * x[:, 0] + 1)
    assert known.w == pytest.approx((1.0, 2.0))
    assert known.eigenvalues[0] == 0


def test_one_point_is_fitted_exactly() -> None:
    known = theory(Problem(Synthetic(points=1)))
    assert known.loss == pytest.approx(0.0, abs=1e-20)
    assert known.eigenvalues[0] == 0


def test_features_far_from_zero_are_solved_accurately() -> None:
    """Years and the like: the raw normal equations would lose ten digits here."""
    x = 1e7 + torch.arange(100.0).double().unsqueeze(1)
    known = solved(x, 2 * (x[:, 0] - 1e7) + 5)
    assert known.w == pytest.approx((2.0,), rel=1e-13)
    assert known.b == pytest.approx(5 - 2e7, rel=1e-13)
    assert known.eigenvalues[0] > 0


def test_blocks_of_rows_add_up() -> None:
    whole = theory(TWO)
    parts = solve(dataset(TWO), block=7)
    assert parts.w == pytest.approx(whole.w, rel=1e-13)
    assert parts.loss == pytest.approx(whole.loss, rel=1e-13)
    assert parts.eigenvalues == pytest.approx(whole.eigenvalues, rel=1e-13)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_nothing_is_known_of_data_that_are_not_finite(bad: float) -> None:
    known = solved(torch.tensor([[1.0], [bad]]), torch.ones(2))
    assert all(map(math.isnan, known.eigenvalues))
    assert math.isnan(known.b)


@given(st.floats(-(2.0**100), 2.0**100, width=32), st.integers(-3, 3))
def test_ulps_count_neighbouring_floats(number: float, count: int) -> None:
    other = torch.tensor(number)
    for _ in range(abs(count)):
        other = torch.nextafter(other, torch.tensor(math.copysign(math.inf, count)))
    assert ulps(number, other.item(), "float32") == abs(count)


def test_ulps_of_zeros_of_wide_numbers_and_of_nothing() -> None:
    assert ulps(0.0, -0.0, "float32") == 0
    assert ulps(5e-324, -5e-324, "float64") == 2
    assert ulps(1.0, 1.0 + 1e-12, "float32") == 0
    assert ulps(1.0, math.nextafter(1.0, 2.0), "float64") == 1
    assert ulps(1.0, math.nan, "float64") is None
    assert ulps(1.0, 1e308, "float32") is None


def test_autograd_is_within_a_few_ulps_of_the_formula() -> None:
    begin = start(REFERENCE)
    (w_grad,), b_grad = by_hand.gradient(REFERENCE, begin)
    step = next(steps(REFERENCE, begin))
    for autograd, formula in [(step.w_grad[0], w_grad), (step.b_grad, b_grad)]:
        distance = ulps(autograd, formula, "float32")
        assert distance is not None
        assert distance <= 4


def test_near_the_optimum_autograd_is_as_far_from_the_formula_as_rounding_takes_it() -> None:
    two = Synthetic(points=40, noise=0.5, true_w=(3.0, -1.0), true_b=-50.0)
    for source in (Synthetic(noise=0.1), two):
        for problem, least in (
            (Problem(source), 1e-3),
            (Problem(source, dtype="float64"), 1e-11),
        ):
            known = theory(problem)
            there = replace(start(problem), w=known.w, b=known.b)
            step = next(steps(problem, there))
            formula = known.gradient_at(there.w, there.b)
            rounding = gradient_rounding(known, there.w, there.b, source.points, problem.dtype)
            pairs = zip((*step.w_grad, step.b_grad), (*formula[0], formula[1]), strict=True)
            for (autograd, exact), limit in zip(pairs, rounding, strict=True):
                assert abs(autograd - exact) < limit < least


def test_rounding_does_not_excuse_a_wrong_gradient() -> None:
    begin, known = start(REFERENCE), theory(REFERENCE)
    rounding = gradient_rounding(known, begin.w, begin.b, 50, "float32")
    (w_grad,), b_grad = known.gradient_at(begin.w, begin.b)
    for grad, limit in zip((w_grad, b_grad), rounding, strict=True):
        assert limit < 1e-4 * abs(grad)
