from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from engine.data.source import ProblemError, Synthetic, Table
from engine.training.dataset import dataset, points, start
from engine.training.problem import Problem, State

REFERENCE = Problem()


def test_numbers_are_drawn_as_the_tutorial_draws_them() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        x, w = torch.rand(50, 1), torch.rand(1, 1)

    data = dataset(REFERENCE)

    assert torch.equal(data.x, x)
    assert torch.equal(data.y, 3 * x + 0.8)
    assert start(REFERENCE) == State(0, w=(w.item(),), b=0.0)


def test_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    dataset(Problem(Synthetic(seed=123, noise=1.0)))
    assert torch.equal(torch.get_rng_state(), before)


def test_noise_disturbs_neither_x_nor_the_start_of_w() -> None:
    noisy = replace(REFERENCE, source=Synthetic(points=10_000, noise=0.5))
    quiet = replace(REFERENCE, source=Synthetic(points=10_000))

    assert torch.equal(dataset(noisy).x, dataset(quiet).x)
    assert start(noisy) == start(quiet)
    noise = dataset(noisy).y - dataset(quiet).y
    assert noise.std().item() == pytest.approx(0.5, rel=0.05)
    assert noise.mean().item() == pytest.approx(0, abs=0.02)


def test_every_feature_has_its_weight() -> None:
    data = dataset(Problem(Synthetic(true_w=(2.0, -1.0, 0.5), true_b=4.0), dtype="float64"))
    expected = 2 * data.x[:, 0] - data.x[:, 1] + 0.5 * data.x[:, 2] + 4
    torch.testing.assert_close(data.y[:, 0], expected)
    assert len(data.drawn_w) == 3


def test_a_start_is_held_as_the_dtype_holds_it() -> None:
    state = start(replace(REFERENCE, start_w=(0.1,), start_b=-0.1))
    assert state.w == (torch.tensor(0.1).item(),) != (0.1,)
    assert state.b == torch.tensor(-0.1).item()
    assert start(replace(REFERENCE, start_w=(0.1,), dtype="float64")).w == (0.1,)


def test_equal_sources_share_their_tensors() -> None:
    assert dataset(REFERENCE) is dataset(replace(REFERENCE, learning_rate=1.0, target=7))


def test_few_points_are_all_shown() -> None:
    shown, data = points(REFERENCE), dataset(REFERENCE)
    assert shown.total == 50
    assert shown.x == tuple((x,) for x in data.x[:, 0].tolist())
    assert shown.y == tuple(data.y[:, 0].tolist())
    assert shown.x_ranges == ((min(shown.x)[0], max(shown.x)[0]),)
    assert shown.y_range == (min(shown.y), max(shown.y))


def test_many_points_are_sampled_evenly_with_the_ranges_of_all() -> None:
    problem = replace(REFERENCE, source=Synthetic(points=10_001, true_w=(1.0, 2.0)))
    shown, data = points(problem, limit=100), dataset(problem)
    assert shown.total == 10_001
    assert len(shown.x) == len(shown.y) == 100
    assert shown.x[:3] == tuple(tuple(data.x[i].tolist()) for i in (0, 100, 200))
    assert shown.x_ranges[1] == (data.x[:, 1].min().item(), data.x[:, 1].max().item())


def test_ranges_are_of_finite_numbers() -> None:
    """A true w this large is infinite in float32."""
    shown = points(replace(REFERENCE, source=Synthetic(true_w=(1e308,))))
    assert all(map(math.isnan, shown.y_range))
    assert all(map(math.isfinite, shown.x_ranges[0]))


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (Problem(Synthetic(points=0)), "points must be from 1 to 100,000,000, not 0"),
        (Problem(learning_rate=math.nan), "learning rate must be a finite number, not nan"),
        (Problem(learning_rate=0), "learning rate must be above 0, not 0"),
        (Problem(momentum=1), "momentum must be below 1, not 1"),
        (Problem(Synthetic(noise=-1)), "noise must be at least 0, not -1"),
        (Problem(Synthetic(true_w=())), "at least one feature is needed"),
        (Problem(Synthetic(true_w=(math.inf,))), "true w must be a finite number, not inf"),
        (Problem(start_w=(1, 2)), "start w needs 1 numbers, not 2"),
        (Problem(device="auto"), "device must be cpu, cuda or cuda:N, not 'auto'"),
        (Problem(Synthetic(true_w=(1.0,) * 101)), "at most 100 features are possible, not 101"),
        (
            Problem(Table("/p.csv", "y", ("x",), 1, "", means=(1.0,))),
            "every standardised feature needs its mean and scale",
        ),
        (Problem(Table("/p.csv", "y", ("y",), 1, "")), "a column can be used only once"),
        (
            Problem(Table("/p.csv", "y", ("x",), 1, "", encoding="rot13")),
            "no encoding is called 'rot13'",
        ),
        (Problem(start_b=math.nan), "start b must be a finite number, not nan"),
    ],
)
def test_a_problem_that_cannot_be_says_so_in_one_line(problem: Problem, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        problem.check()
    assert str(caught.value) == message
