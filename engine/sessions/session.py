"""What a session is: the experiment, and how it was looked at."""

from __future__ import annotations

from dataclasses import dataclass

from engine.training.branches import Experiment
from engine.training.breakpoints import Breakpoint


class SessionError(Exception):
    """A session that cannot be saved or loaded: one line that says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """Everything that is kept from one start of the program to the next."""

    experiment: Experiment
    breakpoints: tuple[Breakpoint, ...] = ()
    pace: float | None = None
    """Iterations a second; None is flat out."""
