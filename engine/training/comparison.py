"""Branches of an experiment side by side."""

from __future__ import annotations

from dataclasses import dataclass

from engine.training.branches import Branch, Experiment


@dataclass(frozen=True, slots=True)
class Row:
    """One branch beside the others, at its furthest."""

    name: str
    learning_rate: float
    iterations: int | None
    """The number of iterations after which the loss is below ε; None where it never was."""
    exact: bool
    """False: the thinned history knows it was then, and maybe earlier (≤)."""
    w: tuple[float, ...]
    b: float
    loss: float | None
    """The loss before the last update; None before the first iteration."""


def comparison(experiment: Experiment, epsilon: float) -> tuple[Row, ...]:
    """A row for every branch, each at its furthest."""
    return tuple(_row(branch, epsilon) for branch in experiment.branches)


def _row(branch: Branch, epsilon: float) -> Row:
    problem, state, steps = branch.furthest.problem, branch.furthest.state, branch.steps
    below = next((position for position, loss in enumerate(steps.losses) if loss < epsilon), None)
    return Row(
        branch.name,
        problem.learning_rate,
        None if below is None else steps.iterations[below],
        below is None or steps.iterations[below] == below,
        state.w,
        state.b,
        steps.losses[-1] if steps else None,
    )
