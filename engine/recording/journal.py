"""What a running script leaves behind, entry by entry: the growing form of a `Recording`.

Torch-free. `subprocess_recorder` sends the same entries from the child that runs a script to its
parent, so that what was recorded survives whatever the script does to its process.
"""

from __future__ import annotations

from dataclasses import replace

from engine.autograd.graph import Backward, Graph
from engine.recording.records import Ending, Moment, Recording, ScriptError, SilentWrite

MOMENTS_LIMIT = 10_000
"""A script that runs more lines is stopped there; what was recorded stays."""


class Journal:
    """Entries so far; every change goes through one of its methods."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.source = source
        self.line = 1
        """The number of the line that began last."""
        self.moments: list[Moment] = []
        self.graphs: list[Graph] = []
        self.backwards: list[Backward] = []

    def begin(self, line: int) -> None:
        """A line is about to run."""
        self.line = line

    def add_graph(self, graph: Graph) -> None:
        """A graph that later moments point at."""
        self.graphs.append(graph)

    def add_backward(self, backward: Backward) -> None:
        """A backward pass that the line now running made."""
        self.backwards.append(backward)

    def add_moment(self, moment: Moment) -> None:
        """Add the state after a line that has run."""
        self.moments.append(moment)

    def blame(self, index: int, silent: tuple[SilentWrite, ...]) -> None:
        """The silent writes of an earlier moment, now that their harm is known."""
        self.moments[index] = replace(self.moments[index], silent=silent)

    def recording(self, ending: Ending, error: ScriptError | None, trailing: str) -> Recording:
        """Everything so far, as an immutable record."""
        return Recording(
            self.name,
            self.source,
            tuple(self.moments),
            tuple(self.graphs),
            tuple(self.backwards),
            ending,
            error,
            trailing,
        )
