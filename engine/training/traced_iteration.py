"""One iteration of training in full, as a record; `iteration_tracer` makes it. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass

from engine.recording.records import Recording
from engine.training.problem import State, Step


@dataclass(frozen=True, slots=True, eq=False)
class TracedIteration:
    """One iteration, line by line and node by node."""

    iteration: int
    """The number of the iteration, counted from 0."""
    before: State
    recording: Recording
    step: Step
    """The outcome, equal to what `steps` yields from `before`."""
