"""The tutorial's loop, written as a learner would: what every fast path is compared with."""

from __future__ import annotations

from typing import NamedTuple

import torch

from engine.training.dataset import dataset, start
from engine.training.problem import Problem, State


class Row(NamedTuple):
    loss: float
    w: tuple[float, ...]
    b: float
    w_grad: tuple[float, ...]
    b_grad: float


def gradient(problem: Problem, state: State) -> tuple[tuple[float, ...], float]:
    """∂J/∂w = (2/m) Xᵀ(Xw + b - y) and ∂J/∂b = (2/m) Σ(Xw + b - y), in float64."""
    data = dataset(problem)
    x, y = data.x.double(), data.y.double()
    residual = x @ x.new_tensor(state.w).unsqueeze(1) + state.b - y
    w_grad = 2 / len(y) * (x * residual).sum(0)
    return tuple(w_grad.tolist()), (2 / len(y) * residual.sum()).item()


def train(problem: Problem, iterations: int) -> list[Row]:
    """Loss before and everything else after the update, every iteration."""
    data, begin = dataset(problem), start(problem)
    x, y = data.x, data.y
    w = torch.tensor(begin.w, dtype=x.dtype).reshape(-1, 1).requires_grad_()
    b = torch.tensor(begin.b, dtype=x.dtype, requires_grad=True)
    velocity_w, velocity_b = torch.zeros_like(w), torch.zeros_like(b)
    rows = []
    for _ in range(iterations):
        y_hat = x.matmul(w) + b
        loss = (y - y_hat).pow(2).mean()
        if problem.zeroing and w.grad is not None and b.grad is not None:
            w.grad.zero_()
            b.grad.zero_()
        loss.backward()  # type: ignore[no-untyped-call]
        assert w.grad is not None
        assert b.grad is not None
        velocity_w = problem.momentum * velocity_w + w.grad
        velocity_b = problem.momentum * velocity_b + b.grad
        w.data -= problem.learning_rate * velocity_w
        b.data -= problem.learning_rate * velocity_b
        rows.append(
            Row(
                loss.item(),
                tuple(w[:, 0].tolist()),
                b.item(),
                tuple(w.grad[:, 0].tolist()),
                b.grad.item(),
            )
        )
    return rows
