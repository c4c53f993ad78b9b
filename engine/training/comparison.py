"""Branches of an experiment side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.training.branches import Branch, Experiment
from engine.training.convergence import goal, tolerances
from engine.training.problem import Problem
from engine.training.theory import Theory


@dataclass(frozen=True, slots=True)
class Row:
    """One branch beside the others, at its furthest."""

    name: str
    learning_rate: float
    iterations: int | None
    """After how many iterations all of w and b are within 1 %; None where they never were."""
    exact: bool
    """False: the thinned history knows they were then, and maybe earlier (≤)."""
    w: tuple[float, ...]
    b: float
    loss: float | None
    """The loss before the last update; None before the first iteration."""


def comparison(
    experiment: Experiment, known: Callable[[Problem], Theory | None]
) -> tuple[Row, ...]:
    """A row for every branch, each at its furthest; `known`: the theory of its problem."""
    return tuple(_row(branch, known(branch.run.problem)) for branch in experiment.branches)


def _row(branch: Branch, known: Theory | None) -> Row:
    problem, state, steps = branch.furthest.problem, branch.furthest.state, branch.steps
    near = None if known is None else _first_within(branch, known)
    return Row(
        branch.name,
        problem.learning_rate,
        None if near is None else steps.iterations[near] + 1,
        near is None or steps.iterations[near] == near,
        state.w,
        state.b,
        steps.losses[-1] if steps else None,
    )


def _first_within(branch: Branch, known: Theory) -> int | None:
    """The position of the first kept step that is within 1 % of the optimum, if any is."""
    steps, start = branch.steps, branch.start
    if not steps:
        return None
    near = np.full(len(steps), True)
    limits = zip(goal(known, start), tolerances(known, start), strict=True)
    for column, (best, tolerance) in zip((*steps.w, steps.b), limits, strict=True):
        near &= np.abs(np.asarray(column, np.float64) - best) <= tolerance
    return int(near.argmax()) if near.any() else None
