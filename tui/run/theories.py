"""What is known of the problems of all branches: one closed form a set of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.data.source import Source
from engine.training.problem import Problem
from engine.training.theory import Theory


@dataclass(frozen=True, eq=False, slots=True)
class Theories:
    """Closed forms by the data and the dtype that they are of; immutable."""

    known: Mapping[tuple[Source, str], Theory] = field(default_factory=dict)

    def of(self, problem: Problem) -> Theory | None:
        """Return the theory of a problem; None where it has not been solved."""
        return self.known.get((problem.source, problem.dtype))


NOTHING_KNOWN = Theories()
"""Before the first problem is prepared."""
