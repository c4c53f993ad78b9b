"""What follows from the sums, beside the data themselves and the loop in float64."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from engine.data.source import Synthetic
from engine.training.closed_form import solve, theory
from engine.training.dataset import Dataset, dataset, start
from engine.training.descent import steps
from engine.training.extended_fit import fitted
from engine.training.gram.by_formula import ByFormula, largest_difference
from engine.training.gram.moments import DataMoments, moments
from engine.training.gram.sums import Chunk, Sums, add_up, frame_of
from engine.training.problem import Problem
from tests.engine.training.nist import REFERENCES, Reference, digits
from tests.engine.training.problems import numbers, problems
from tests.examples import examples


def in_chunks(data: Dataset, rows: int) -> list[Chunk]:
    starts = range(0, len(data.y), rows)
    return [(data.x[at : at + rows], data.y[at : at + rows]) for at in starts]


def moments_of(data: Dataset, rows: int = 16) -> DataMoments:
    chunks = in_chunks(data, rows)
    return moments(add_up(frame_of(chunks[0]), chunks))


def plain(problem: Problem) -> tuple[Problem, Dataset]:
    """A problem and its points in float64, whatever dtype they were drawn in."""
    data = dataset(problem)
    return replace(problem, dtype="float64"), Dataset(data.x.double(), data.y.double(), ())


EPSILON = float(np.finfo(float).eps)


def carried(problem: Problem, iterations: int, largest: float) -> float:
    """How far rounding alone may bring the loop's w and b, of numbers up to `largest`.

    A gradient of a few columns is rounded by a few ulps in every iteration. A stable rate times
    the curvature is at most 2 (1 + momentum); momentum repeats a step 1 / (1 - momentum) times in
    all, and gradients that are never zeroed repeat it in every later iteration. It is float64 in
    which the loop goes on, whatever the points were drawn in.
    """
    times = iterations if problem.zeroing else iterations * (iterations + 1) / 2
    repeated = 2 * (1 + problem.momentum) / (1 - problem.momentum)
    return 8 * EPSILON * largest * repeated * times


@examples(12)
@given(problems(), st.floats(0.05, 0.95), st.integers(1, 40))
@example(Problem(Synthetic(points=3, true_w=(1.0,), true_b=1.0)), 0.75, 1)
@example(Problem(Synthetic(points=2, seed=2, noise=0.1, true_w=(0.0,) * 3), momentum=0.9), 0.95, 40)
def test_every_iteration_is_that_of_the_loop_in_float64(
    problem: Problem, part: float, rows: int
) -> None:
    limit = theory(problem).stable_rate(problem.momentum, zeroing=problem.zeroing) or 1e-3
    problem = replace(problem, learning_rate=part * limit)
    begin, (slow, data) = start(problem), plain(problem)
    found_in = moments_of(dataset(problem), rows)
    formula = ByFormula(found_in, slow, begin)
    # Of few rows the first chunk may know no line, or one that is steep by chance: what is summed
    # is then as large as that, and a loss of next to nothing is a difference of its squares.
    largest = max(1.0, data.y.abs().max().item(), found_in.frame.w.abs().max().item())
    for number, expected in enumerate(islice(steps(slow, begin, data), 150)):
        size = max(1.0, *map(abs, (*expected.w, expected.b)))
        largest = max(largest, size)
        if number % 37 == 0:
            near = carried(problem, number + 1, largest)
            found = formula.step(number)
            assert largest_difference(found, expected) <= near
            off = 3 * near * (2 * expected.loss**0.5 + 3 * near) + 8 * EPSILON * largest**2
            assert found.loss == pytest.approx(expected.loss, rel=1e-9, abs=off)
            assert found.w_grad == pytest.approx(expected.w_grad, abs=1e-10 * size)
            assert (found.w_velocity is None) == (expected.w_velocity is None)


@examples(12)
@given(problems(), st.data())
def test_loss_and_gradient_are_those_of_the_data_however_they_are_cut(
    problem: Problem, draw: st.DataObject
) -> None:
    _, data = plain(problem)
    found = moments_of(data, draw.draw(st.integers(1, 80)))
    w, b = draw.draw(st.tuples(*[numbers] * problem.features)), draw.draw(numbers)
    residual = data.x @ torch.tensor(w, dtype=torch.float64)[:, None] + b - data.y
    assert found.loss(w, b) == pytest.approx(residual.square().mean().item(), rel=1e-11)
    slopes = 2 * torch.cat([(data.x * residual).mean(0), residual.mean(0)])
    torch.testing.assert_close(found.gradient(w, b), slopes, rtol=1e-10, atol=1e-12)


def test_the_loss_at_the_optimum_is_no_difference_of_large_numbers() -> None:
    """Of points on a line, as float32 holds them, yᵀy alone would leave 1e-16 of rounding."""
    _, data = plain(Problem())
    best = solve(data)
    assert moments_of(data).loss(best.w, best.b) == pytest.approx(best.loss, rel=1e-6)
    assert best.loss < 1e-14


@pytest.mark.parametrize("seed", [8, 58, 2])
@pytest.mark.parametrize("rows", [1, 2, 40])
def test_distances_that_are_rounding_alone_do_not_touch_the_curvature(seed: int, rows: int) -> None:
    """Two points are on a line: what correlates with their distances from it is chance."""
    source = Synthetic(2, seed=seed, true_w=(1.0, 3.0, 3.0, 3.0), true_b=4.0)
    data = dataset(Problem(source, dtype="float64"))
    found, expected = moments_of(data, rows).theory(), solve(data)
    assert found.eigenvalues == pytest.approx(expected.eigenvalues, rel=1e-14, abs=1e-14)


@pytest.mark.parametrize("far", [0.0, 1e6, 1.7e9])
def test_numbers_far_from_0_keep_their_spread(far: float) -> None:
    chance = torch.Generator().manual_seed(0)
    x = far + torch.rand(1000, 2, generator=chance, dtype=torch.float64)
    y = x @ x.new_tensor([[3.0], [-1.0]]) + torch.rand(1000, 1, generator=chance).double()
    found = moments_of(Dataset(x, y, ()))
    expected, precise = solve(Dataset(x, y, ())), fitted(x, y)
    assert precise is not None
    assert found.theory().w == pytest.approx(precise[0][:, 0].tolist(), rel=1e-9)
    assert found.theory().loss == pytest.approx(expected.loss, rel=1e-9)
    covariance = np.cov(x.numpy().astype(np.longdouble).T, bias=True).astype(float)
    np.testing.assert_allclose(found.covariance[:-1, :-1].numpy(), covariance, rtol=1e-12)
    moved, means, scales = found.standardised()
    assert means == pytest.approx(x.mean(0).tolist(), rel=1e-14)
    assert scales == pytest.approx(covariance.diagonal() ** 0.5, rel=1e-12)
    z = (x - x.new_tensor(means)) / x.new_tensor(scales)
    assert moved.theory().w == pytest.approx(solve(Dataset(z, y, ())).w, rel=1e-7)
    assert moved.theory().b == pytest.approx(y.mean().item(), rel=1e-12)


def test_a_constant_column_is_standardised_to_0_and_leaves_no_single_optimum() -> None:
    x = torch.tensor([[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]]).double()
    found = moments_of(Dataset(x, x[:, 1:] + 1, ()), rows=2)
    moved, _, scales = found.standardised()
    assert scales[0] == 1
    assert moved.theory().singular
    assert found.theory().singular
    assert moved.theory().w[0] == 0


@pytest.mark.parametrize("name", ["Norris", "Pontius", "Longley", "Wampler1"])
def test_the_optimum_on_nists_data_where_the_first_chunk_is_but_half_of_them(name: str) -> None:
    assert digits_of(REFERENCES[name], chunks=2) >= 6


def test_nearly_dependent_powers_of_x_keep_their_digits_where_they_fit_in_one_chunk() -> None:
    assert digits_of(REFERENCES["Wampler5"], chunks=1) >= 6


def digits_of(reference: Reference, chunks: int) -> float:
    data = Dataset(reference.x, reference.y, ())
    known = moments_of(data, rows=-(-len(data.y) // chunks)).theory()
    return digits((known.b, *known.w), reference.certified)


@examples(10)
@given(problems(), st.integers(1, 6))
def test_the_sums_of_ranks_add(problem: Problem, size: int) -> None:
    _, data = plain(problem)
    chunks = in_chunks(data, 5)
    frame = frame_of(chunks[0])
    parts = [add_up(frame, chunks[rank::size]).gram for rank in range(size)]
    whole = add_up(frame, chunks)
    added = Sums(frame, torch.stack(parts).sum(0))
    torch.testing.assert_close(added.gram, whole.gram, rtol=1e-12, atol=1e-12)
    assert moments(added).count == len(data.y)


def test_there_is_nothing_to_say_of_no_rows_and_of_rows_that_are_not_finite() -> None:
    frame = frame_of((torch.ones(2, 1), torch.ones(2, 1)))
    with pytest.raises(ValueError, match="no rows"):
        moments(add_up(frame, []))
    infinite = Dataset(torch.tensor([[1.0], [2.0]]), torch.tensor([[torch.inf], [1.0]]), ())
    assert not np.isfinite(moments_of(infinite).theory().b)
