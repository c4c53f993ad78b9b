"""From gradients to a step: gradient descent, nesterov, rmsprop and adam on rows of numbers.

The same operations in the same order as the lines of the loop that `iteration_tracer` runs, and so
the same bits. Those of `torch.optim` fuse a multiplication and an addition here and there, where
the two round once and the lines round twice: so they are a few ulps apart, not equal.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from engine.training.problem import Problem, State

NextStep = Callable[[], torch.Tensor]
"""Makes what is subtracted, times the learning rate, of gradients as they are now."""


def stepping(problem: Problem, state: State, rows: torch.Tensor) -> NextStep:
    """What makes the steps of a loop from `state` on, in place on `rows` below the parameters."""
    if problem.method == "rmsprop":
        return _rmsprop(problem, rows)
    if problem.method == "adam":
        return _adam(problem, rows, state.updates or 0)
    return _descent(problem, rows)


def _descent(problem: Problem, rows: torch.Tensor) -> NextStep:
    _, gradients, *kept = rows
    momentum = problem.momentum
    if not kept:
        return lambda: gradients
    (velocity,) = kept
    if problem.method == "nesterov":
        return lambda: gradients + momentum * velocity.mul_(momentum).add_(gradients)
    return lambda: velocity.mul_(momentum).add_(gradients)


def _rmsprop(problem: Problem, rows: torch.Tensor) -> NextStep:
    _, gradients, square = rows
    alpha, eps = problem.alpha, problem.eps

    def step() -> torch.Tensor:
        square.mul_(alpha).add_((1 - alpha) * gradients.square())
        made: torch.Tensor = gradients / (square.sqrt() + eps)
        return made

    return step


def _adam(problem: Problem, rows: torch.Tensor, updates: int) -> NextStep:
    _, gradients, mean, square = rows
    beta1, beta2, eps = problem.beta1, problem.beta2, problem.eps

    def step() -> torch.Tensor:
        nonlocal updates
        updates += 1
        mean.mul_(beta1).add_((1 - beta1) * gradients)
        square.mul_(beta2).add_((1 - beta2) * gradients.square())
        scale = (square / (1 - beta2**updates)).sqrt() + eps
        made: torch.Tensor = mean / (1 - beta1**updates) / scale
        return made

    return step
