from __future__ import annotations

from dataclasses import replace
from itertools import islice
from math import isfinite

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.source import Synthetic
from engine.training import descent
from engine.training.dataset import dataset, start
from engine.training.descent import steps
from engine.training.method_state import reader
from engine.training.problem import Problem, Step
from tests.engine.training.by_hand import Row, train
from tests.engine.training.problems import problems

REFERENCE = Problem()


def first(problem: Problem, count: int) -> list[Step]:
    return list(islice(steps(problem, start(problem)), count))


def row(step: Step) -> Row:
    return Row(step.loss, step.w, step.b, step.w_grad, step.b_grad)


def test_the_reference_run_equals_the_tutorials_loop_in_every_iteration() -> None:
    run = first(REFERENCE, 5000)
    assert [step.iteration for step in run] == list(range(5000))
    assert [row(step) for step in run] == train(REFERENCE, 5000)
    assert run[-1].w == (2.997687816619873,)
    assert run[-1].b == 0.8011171817779541
    assert run[-1].loss == 4.25734953068968e-07


@given(problems())
def test_any_run_equals_a_loop_written_by_hand(problem: Problem) -> None:
    for step, expected in zip(first(problem, 40), train(problem, 40), strict=True):
        if not all(map(isfinite, (step.loss, *step.w, step.b))):
            break
        assert row(step) == expected


@given(problems(), st.integers(0, 30))
def test_a_run_resumes_exactly_from_any_state(problem: Problem, iteration: int) -> None:
    run = first(problem, 40)
    state = run[iteration].state
    assert state.iteration == iteration + 1
    assert list(islice(steps(problem, state), 40 - state.iteration)) == run[iteration + 1 :]


def test_without_zeroing_gradients_add_up() -> None:
    problem = replace(REFERENCE, zeroing=False, learning_rate=1e-12)
    once, twice = first(problem, 2)
    assert twice.b_grad == 2 * once.b_grad


def test_velocity_is_kept_only_with_momentum() -> None:
    assert first(REFERENCE, 1)[0].w_velocity is None
    one, two = first(replace(REFERENCE, momentum=0.5, dtype="float64"), 2)
    assert one.b_velocity == one.b_grad
    assert two.b_velocity == 0.5 * one.b_grad + two.b_grad


def test_gradients_are_those_of_finite_differences() -> None:
    problem = Problem(Synthetic(true_w=(3.0, -1.0), noise=0.3), dtype="float64")
    data, begin = dataset(problem), start(problem)

    def loss(theta: list[float]) -> float:
        w = torch.tensor(theta[:-1], dtype=torch.float64).unsqueeze(1)
        return float((data.y - data.x @ w - theta[-1]).square().mean())

    theta, h = [*begin.w, begin.b], 1e-5
    slopes = []
    for i in range(3):
        up, down = list(theta), list(theta)
        up[i] += h
        down[i] -= h
        slopes.append((loss(up) - loss(down)) / (2 * h))
    step = first(problem, 1)[0]
    assert [*step.w_grad, step.b_grad] == pytest.approx(slopes, rel=1e-8)


def test_the_first_step_that_is_not_finite_is_handed_out() -> None:
    run = first(replace(REFERENCE, learning_rate=1e9), 8)
    place = next(i for i, step in enumerate(run) if not step.finite)
    assert place > 0
    assert all(step.finite for step in run[:place])


def test_reading_in_chunks_gives_the_same_steps() -> None:
    problem = replace(REFERENCE, momentum=0.9)
    state = start(problem)
    data = dataset(problem)
    rows = descent.first_rows(problem, state, data)
    taken = descent.taken(descent.losses_of(problem, state, rows, data), rows)
    chunked = descent.read_chunks(7, taken, rows, reader(problem, state))
    expected = steps(problem, replace(state, iteration=7))
    assert list(islice(chunked, 100)) == list(islice(expected, 100))


@pytest.mark.cuda
def test_cuda_agrees_with_the_cpu() -> None:
    on_cpu = first(REFERENCE, 300)[-1]
    on_cuda = first(replace(REFERENCE, device="cuda"), 300)[-1]
    assert on_cuda.w == pytest.approx(on_cpu.w, rel=1e-4)
    assert on_cuda.loss == pytest.approx(on_cpu.loss, rel=1e-4)
