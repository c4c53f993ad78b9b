"""What each method keeps of the gradients from one iteration to the next: pure, torch-free.

The loop has it as rows of numbers, w first and b last; a `State` and a `Step` by its names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from engine.training.problem import Problem, State, Step

Kept = Literal["velocity", "square"]
CONSTANTS = {
    "sgd": ("momentum",),
    "nesterov": ("momentum",),
    "rmsprop": ("alpha", "eps"),
    "adam": ("beta1", "beta2", "eps"),
}
"""The fields of a problem that only this method takes."""
Read = Callable[[int, float, list[list[float]]], Step]
"""Makes a step of its iteration, its loss, and the rows after it."""


def kept(problem: Problem) -> tuple[Kept, ...]:
    """What a problem's method keeps besides parameters and gradients, in the order of its rows."""
    if problem.method == "sgd":
        return ("velocity",) if problem.momentum else ()
    if problem.method == "nesterov":
        return ("velocity",)
    return ("square",) if problem.method == "rmsprop" else ("velocity", "square")


def constants_of(problem: Problem) -> tuple[str, ...]:
    """The fields whose numbers the loop of a problem takes besides the learning rate."""
    return CONSTANTS[problem.method] if kept(problem) else ()


def rows_of(problem: Problem, state: State) -> list[tuple[float, ...]]:
    """The rows of a state: parameters, gradients, and what the method keeps."""
    zeros = (0.0,) * (len(state.w) + 1)
    found = {
        "velocity": _row(state.w_velocity, state.b_velocity),
        "square": _row(state.w_square, state.b_square),
    }
    return [
        (*state.w, state.b),
        _row(state.w_grad, state.b_grad) or zeros,
        *(found[name] or zeros for name in kept(problem)),
    ]


def reader(problem: Problem, state: State) -> Read:
    """What makes steps of the rows of a loop that began at `state`."""
    names = kept(problem)
    if not names:
        return _of_one if len(state.w) == 1 else _plain
    if names == ("velocity",):
        return _with_velocity
    before = (state.updates or 0) - state.iteration
    has_velocity = "velocity" in names

    def with_square(iteration: int, loss: float, rows: list[list[float]]) -> Step:
        (*w, b), (*w_grad, b_grad), *velocities, (*w_square, b_square) = rows
        velocity: tuple[tuple[float, ...] | None, float | None] = (None, None)
        if has_velocity:
            *w_velocity, b_velocity = velocities[0]
            velocity = tuple(w_velocity), b_velocity
        plain = Step(iteration, loss, tuple(w), b, tuple(w_grad), b_grad, *velocity)
        updates = iteration + 1 + before
        return plain._replace(w_square=tuple(w_square), b_square=b_square, updates=updates)

    return with_square


def carried(before: Problem, after: Problem, state: State) -> State:
    """The state with which a changed problem goes on: another method begins without a memory."""
    names = kept(after) if before.method == after.method else ()
    if "velocity" not in names:
        state = replace(state, w_velocity=None, b_velocity=None)
    if "square" not in names:
        state = replace(state, w_square=None, b_square=None, updates=None)
    return state


def _of_one(iteration: int, loss: float, rows: list[list[float]]) -> Step:
    """As `_plain`, of one feature, which takes half as long."""
    (w, b), (w_grad, b_grad) = rows
    return Step(iteration, loss, (w,), b, (w_grad,), b_grad)


def _plain(iteration: int, loss: float, rows: list[list[float]]) -> Step:
    (*w, b), (*w_grad, b_grad) = rows
    return Step(iteration, loss, tuple(w), b, tuple(w_grad), b_grad)


def _with_velocity(iteration: int, loss: float, rows: list[list[float]]) -> Step:
    (*w, b), (*w_grad, b_grad), (*w_velocity, b_velocity) = rows
    velocity = tuple(w_velocity), b_velocity
    return Step(iteration, loss, tuple(w), b, tuple(w_grad), b_grad, *velocity)


def _row(w: tuple[float, ...] | None, b: float | None) -> tuple[float, ...]:
    return () if w is None or b is None else (*w, b)
