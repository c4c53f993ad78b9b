"""Every method beside `torch.optim`, and the batches that an iteration learns from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any

import pytest
import torch
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

from engine.data.source import Dtype, ProblemError, Synthetic
from engine.training.advance import advance, begin
from engine.training.batches import batch_of, batches
from engine.training.branches import experiment
from engine.training.closed_form import theory
from engine.training.convergence import distance, largest_rate
from engine.training.cuda_graph import graphed
from engine.training.dataset import dataset, start
from engine.training.descent import steps
from engine.training.divergence import DivergenceWatch
from engine.training.fork import fork
from engine.training.gradient_rounding import EPSILON
from engine.training.problem import Method, Problem

SOURCE = Synthetic(noise=0.1, true_w=(1.0, -2.0, 3.0))
ULPS = 16
"""Of 1: what rounding comes to, as torch.optim rounds some products and sums once, not twice."""


def by_optimizer(problem: Problem) -> Iterator[tuple[float, ...]]:
    """w and b after each iteration by the functions that the classes of `torch.optim` call.

    The classes themselves import torch's compiler first, for seconds.
    """
    state = start(problem)
    w = torch.tensor(state.w, dtype=getattr(torch, problem.dtype)).unsqueeze(1).requires_grad_()
    b = torch.tensor(state.b, dtype=w.dtype, requires_grad=True)
    update = UPDATES[problem.method](problem, [w, b])
    for x, y in batches(problem, 0, dataset(problem)):
        loss = ((y - (x @ w + b)) ** 2).mean()
        gradients = torch.autograd.grad(loss, (w, b))
        with torch.no_grad():
            update([*gradients])
        yield (*w[:, 0].tolist(), b.item())


Tensors = list[torch.Tensor]


def _sgd(problem: Problem, leaves: Tensors) -> Callable[[Tensors], None]:
    buffers: list[torch.Tensor | None] = [None, None]
    return lambda gradients: sgd(
        leaves,
        gradients,
        buffers,
        foreach=False,
        weight_decay=0,
        momentum=problem.momentum,
        lr=problem.learning_rate,
        dampening=0,
        nesterov=problem.method == "nesterov",
        maximize=False,
    )


def _rmsprop(problem: Problem, leaves: Tensors) -> Callable[[Tensors], None]:
    squares, counts = [*map(torch.zeros_like, leaves)], [torch.tensor(0.0) for _ in leaves]
    return lambda gradients: rmsprop(
        leaves,
        gradients,
        squares,
        [],
        [],
        counts,
        foreach=False,
        lr=problem.learning_rate,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0,
        momentum=0,
        centered=False,
    )


def _adam(problem: Problem, leaves: Tensors) -> Callable[[Tensors], None]:
    means, squares = ([*map(torch.zeros_like, leaves)] for _ in range(2))
    counts = [torch.tensor(0.0) for _ in leaves]
    return lambda gradients: adam(
        leaves,
        gradients,
        means,
        squares,
        [],
        counts,
        foreach=False,
        amsgrad=False,
        beta1=0.9,
        beta2=0.999,
        lr=problem.learning_rate,
        weight_decay=0,
        eps=1e-8,
        maximize=False,
    )


UPDATES = {"sgd": _sgd, "nesterov": _sgd, "rmsprop": _rmsprop, "adam": _adam}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [None, 8])
@pytest.mark.parametrize("method", UPDATES)
def test_a_method_is_that_of_torch_optim_but_for_rounding(
    method: Method, size: int | None, dtype: Dtype
) -> None:
    momentum = 0.9 if method == "nesterov" else 0.0
    problem = Problem(SOURCE, dtype=dtype, method=method, momentum=momentum, batch_size=size)
    ours = islice(steps(problem, start(problem)), 300)
    for step, theirs in zip(ours, by_optimizer(problem), strict=False):
        pairs = zip((*step.w, step.b), theirs, strict=True)
        # Where a parameter crosses 0 ulps are smaller than what it was rounded by before.
        assert max(abs(one - other) for one, other in pairs) <= ULPS * EPSILON[dtype]


def test_in_every_epoch_each_point_is_learned_from_once_in_another_order() -> None:
    problem = Problem(Synthetic(points=7, seed=3), batch_size=3)
    data = dataset(problem)
    taken = [x[:, 0].tolist() for x, _ in islice(batches(problem, 0, data), 6)]
    assert [len(batch) for batch in taken] == [3, 3, 1, 3, 3, 1]
    first, second = ([*chain(*epoch)] for epoch in (taken[:3], taken[3:]))
    assert sorted(first) == sorted(second) == sorted(data.x[:, 0].tolist())
    assert first != second
    order = torch.randperm(7, generator=torch.Generator().manual_seed(3 + 1))
    assert second == data.x[order, 0].tolist()
    assert batch_of(problem, 4) == (3 + 1, 3)


def test_a_branch_of_another_method_begins_without_a_memory() -> None:
    *_, run = advance(begin(Problem(method="adam")), 10)
    assert (run.state.updates, run.history.steps[3].updates) == (10, 4)
    faster = fork(experiment(run), Problem(method="adam", learning_rate=0.1)).branch
    assert (faster.name, faster.run.state) == ("learning rate 0.1", run.state)
    *_, further = advance(faster.run, 12)
    assert further.state.updates == 12
    other = fork(experiment(run), Problem(method="rmsprop", batch_size=5)).branch
    state = other.run.state
    assert other.name == "rmsprop, batch size 5"
    assert (state.w, state.w_velocity, state.updates) == (run.state.w, None, None)
    *_, last = advance(other.run, 12)
    assert (last.state.w_velocity, last.state.updates) == (None, 2)
    assert len(fork(experiment(last), Problem()).branch.steps) == len(last.history.steps)


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem(method="nesterov"), "momentum must be above 0 for nesterov, such as 0.9"),
        (Problem(method="adam", momentum=0.9), "momentum must be 0 for adam, not 0.9"),
        (Problem(batch_size=51), "batch size must be from 1 to 50, not 51"),
        (Problem(batch_size=0), "batch size must be from 1 to 50, not 0"),
        (Problem(beta2=1.0), "beta2 must be below 1, not 1"),
        (Problem(alpha=-0.1), "alpha must be at least 0, not -0.1"),
    ],
)
def test_what_a_method_cannot_do_is_refused(problem: Problem, said: str) -> None:
    with pytest.raises(ProblemError, match=said):
        problem.check()


def test_a_cuda_graph_repeats_gradient_descent_alone() -> None:
    problem = Problem(method="adam")
    with pytest.raises(ProblemError, match="not adam or batches"):
        graphed(problem, start(problem))


def test_r_squared_is_the_part_of_the_variance_that_is_explained() -> None:
    data = dataset(problem := Problem(SOURCE, dtype="float64"))
    known, state = theory(problem), start(problem)
    w = torch.tensor(state.w, dtype=torch.float64).unsqueeze(1)
    unexplained = (data.y - data.x @ w - state.b).square().sum()
    expected = 1 - (unexplained / (data.y - data.y.mean()).square().sum()).item()
    assert known.r_squared(state.w, state.b) == pytest.approx(expected, rel=1e-12)
    flat = theory(Problem(Synthetic(true_w=(0.0,), true_b=1.0)))
    assert math.isnan(flat.r_squared((0.0,), 1.0))


def test_theory_says_nothing_of_what_it_does_not_know() -> None:
    problem = Problem(method="rmsprop", learning_rate=1e3)
    known, state = theory(problem), start(problem)
    assert math.isnan(largest_rate(problem, known))
    far = distance(problem, known, state, state)
    assert (far.more, far.foreseen) == (None, False)
    watch = DivergenceWatch(problem, state, known)
    assert [watch.sign(step) for step in islice(steps(problem, state), 5)] == [None] * 5


@pytest.mark.parametrize(
    ("way", "rate"), [({"batch_size": 7}, 20.0), ({"method": "nesterov", "momentum": 0.9}, 9.0)]
)
def test_what_loses_the_optimum_for_good_is_stopped(way: dict[str, Any], rate: float) -> None:
    def sign(learning_rate: float) -> str | None:
        problem = Problem(SOURCE, learning_rate=learning_rate, **way)
        watch = DivergenceWatch(problem, start(problem), theory(problem))
        said = map(watch.sign, islice(steps(problem, start(problem)), 300))
        return next(filter(None, said), None)

    assert "times what it was at the start" in (sign(rate) or "")
    assert sign(0.01) is None
