"""An iteration that is looked into, and how far: records, torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.training.run import Run
from engine.training.traced_iteration import TracedIteration
from tui.script import position
from tui.script.position import Position


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """One iteration, and how far into it."""

    traced: TracedIteration
    position: Position

    @property
    def done(self) -> bool:
        """Whether the whole iteration lies behind."""
        return self.position == position.end(self.traced.recording)

    @property
    def fresh(self) -> bool:
        """Whether nothing of the iteration has run."""
        return self.position == Position()

    @property
    def backward_lines(self) -> int | None:
        """How many lines lie behind once backward has run; None where it has not begun."""
        lines, moments = range(self.position.lines, 0, -1), self.traced.recording.moments
        return next((n for n in lines if moments[n - 1].backward is not None), None)

    @property
    def backward_done(self) -> bool:
        """Whether the backward pass lies behind, all of it."""
        return self.position.nodes is None and self.backward_lines is not None


class Spot(NamedTuple):
    """Where somebody stands in a training."""

    run: Run
    inside: Inside | None
    """None where there was no time to look, while running."""

    @property
    def within(self) -> bool:
        """Whether the run's next iteration has begun and is not done."""
        return self.inside is not None and not (self.inside.done or self.inside.fresh)
