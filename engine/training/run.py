"""A training run as a record: the problem, what is kept of its iterations, and why it stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from engine.training.breakpoints import Breakpoint
from engine.training.history import History
from engine.training.problem import Problem, State

Cancelled = Callable[[], bool]
"""Asked before every iteration whether to stop."""
Reason = Literal["target", "breakpoint", "diverged", "paused"]
MARKED: tuple[Reason, ...] = ("breakpoint", "diverged")
"""Stops that are marked in the charts."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run stopped, in one line."""

    reason: Reason
    text: str
    breakpoint: Breakpoint | None = None
    """The breakpoint that stopped the run; None for other reasons."""


@dataclass(frozen=True, eq=False)
class Run:
    """One training run at one moment; the shared truth of the Train and the Chart tab."""

    problem: Problem
    history: History
    stop: Stop | None = None
    """Why the run stopped; None while it may go on."""
    rate: float | None = None
    """Iterations a second, as measured while it last ran."""

    @cached_property
    def state(self) -> State:
        """The state after the latest iteration."""
        return self.history.state
