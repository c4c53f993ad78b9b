"""The record of a script that was run line by line: what `recorder` makes. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.autograd.graph import Backward, Graph
from engine.autograd.values import TensorView

Ending = Literal["end", "error", "exit", "bound", "cancelled", "time"]
"""Why a recording stopped: end, error or own exit of the script, too many lines, the user, or,
in `engine.script.subprocess_recorder`, too much time."""


@dataclass(frozen=True, slots=True)
class ScriptError:
    """An exception that left a line of the script."""

    type: str
    message: str
    line: int
    column: int | None = None
    """The column of a syntax error, from 1; None for other errors."""

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.message else self.type


@dataclass(frozen=True, slots=True)
class SilentWrite:
    """A change of a tensor's content that autograd's version counter did not see."""

    name: str
    line: int
    """The line that wrote; where that is not known, the one whose backward pass found out."""
    harmful: bool
    """Whether a backward pass used the changed content in place of what it had saved: its
    gradients are wrong."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The state after one executed line."""

    line: int
    depth: int
    """The number of functions of the same file around the line; 0 at module level."""
    function: str
    output: str
    """What this line printed to stdout and stderr."""
    tensors: tuple[TensorView, ...]
    """Every tensor in scope, in the order in which names were bound."""
    changed: tuple[str, ...]
    """The names whose tensor this line bound or changed, its `.grad` and flags included."""
    graph: int | None
    """The index of the recording's graph to show after this line."""
    backward: int | None
    """The index of the last backward pass that this line ran; None where it ran none."""
    error: ScriptError | None = None
    """An exception that left this line, whether or not the script caught it."""
    more: int = 0
    """The number of further tensors in scope: only the first of a large model are in `tensors`."""
    silent: tuple[SilentWrite, ...] = ()
    """Writes of this line to tensors that require grad, or with harm, that autograd did not see."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A script, run and kept: move over it by looking at its moments."""

    name: str
    source: str
    moments: tuple[Moment, ...]
    graphs: tuple[Graph, ...]
    backwards: tuple[Backward, ...]
    ending: Ending
    error: ScriptError | None = None
    """The exception that ended the script; None where it ended otherwise."""
    trailing_output: str = ""
    """Output that was printed outside any recorded line, as by an exit handler."""

    @property
    def output(self) -> str:
        """Everything the script printed, to stdout and stderr."""
        return "".join(moment.output for moment in self.moments) + self.trailing_output
