"""Training on a table from a file, as it is and standardised."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.data.source import TableError
from engine.data.table_cache import read_table
from engine.data.table_wish import TableWish
from engine.training.advance import advance, begin
from engine.training.closed_form import theory
from engine.training.dataset import dataset, points, start
from engine.training.descent import steps
from engine.training.problem import Problem, original_units
from tests.engine.data.conftest import Write, rows
from tests.engine.training.by_hand import train


def test_one_row_trains(csv: Write) -> None:
    run = begin(Problem(read_table(csv("x,y\n1,2\n")), target=200, learning_rate=0.1))
    *_, last = advance(run)
    assert last.history.last is not None
    assert last.history.last.loss < 1e-10


def test_equal_x_train_and_are_known_to_be_singular(csv: Write) -> None:
    for standardise in (False, True):
        table = read_table(csv("x,y\n0.1,2\n0.1,3\n0.1,4\n"), TableWish(standardise=standardise))
        problem = Problem(table, target=500, learning_rate=0.1)
        *_, last = advance(begin(problem))
        assert last.history.last is not None
        assert last.history.last.loss == pytest.approx(2 / 3, rel=1e-4)
        assert theory(problem).condition == math.inf


def test_numbers_too_large_for_float32_fit_float64(csv: Write) -> None:
    path = csv("x,y\n1,1e308\n2,3\n")
    assert rows(read_table(path, dtype="float64")) == [(1, 1e308), (2, 3)]
    with pytest.raises(TableError, match='column "x" spreads too far to be standardised'):
        read_table(csv("x,y\n1e308,1\n-1e308,3\n"), TableWish(standardise=True), dtype="float64")
    with pytest.raises(TableError, match='column "x" spreads too little to be standardised'):
        read_table(csv("x,y\n1e-300,2\n2e-300,4\n"), TableWish(standardise=True))


def test_standardised_features_have_mean_0_and_deviation_1_and_keep_their_digits(
    csv: Write,
) -> None:
    """Timestamps, of which float32 keeps no difference under two minutes."""
    chance = np.random.default_rng(0)
    times = 1.7e9 + chance.random(5000)
    text = "\n".join(f"{time!r},{i}" for i, time in enumerate(times.tolist()))
    table = read_table(csv("time,y\n" + text), TableWish(standardise=True))
    x = dataset(Problem(table)).x
    expected = (times - times.mean()) / times.std()
    assert x.dtype == torch.float32
    np.testing.assert_allclose(x[:, 0].numpy(), expected, atol=1e-6)
    assert table.means == pytest.approx((times.mean(),), rel=1e-15)
    assert table.scales == pytest.approx((times.std(),), rel=1e-6)


def test_coefficients_are_shown_in_original_units(csv: Write) -> None:
    lines = [f"{10 * i},{i % 3},{2 * 10 * i - 5 * (i % 3) + 7}" for i in range(30)]
    table = read_table(
        csv("a,b,y\n" + "\n".join(lines)), TableWish(standardise=True), dtype="float64"
    )
    problem = Problem(table, dtype="float64", learning_rate=0.3, target=200)
    *_, last = advance(begin(problem))
    w, b = original_units(problem, last.state)
    assert w == pytest.approx((2, -5))
    assert b == pytest.approx(7)
    plain = replace(problem, source=read_table(csv("x,y\n1,2\n3,4\n")), start_w=(5.0,))
    assert original_units(plain, start(plain)) == ((5.0,), 0.0)


def test_training_on_a_table_equals_a_loop_written_by_hand(csv: Write) -> None:
    table = read_table(csv("a,b,y\n1,2,3\n2,-1,0\n0.5,4,1\n"), TableWish(seed=3))
    problem = Problem(table, target=20)
    run = steps(problem, start(problem))
    assert [next(run).loss for _ in range(20)] == [row.loss for row in train(problem, 20)]


def test_the_start_of_w_comes_from_the_seed(csv: Write) -> None:
    path = csv("x,y\n1,2\n3,4\n")
    with torch.random.fork_rng():
        torch.manual_seed(7)
        expected = torch.rand(1).item()
    assert start(Problem(read_table(path, TableWish(seed=7)))).w == (expected,)
    assert start(Problem(read_table(path, TableWish(seed=8)))).w != (expected,)


def test_points_for_a_chart_come_from_a_table_too(csv: Write) -> None:
    shown = points(Problem(read_table(csv("x,y\n1,2\n3,4\n"))))
    assert (shown.x, shown.y, shown.total) == (((1.0,), (3.0,)), (2.0, 4.0), 2)
