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
    """From 1, for a syntax error."""

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
    """How many functions of the same file stand around the line; 0 at module level."""
    function: str
    output: str
    """What this line printed to stdout and stderr."""
    tensors: tuple[TensorView, ...]
    """Every tensor in scope, in the order in which names were bound."""
    changed: tuple[str, ...]
    """The names whose tensor this line bound or changed, its `.grad` and flags included."""
    graph: int | None
    """Which of the recording's graphs to look at after this line."""
    backward: int | None
    """Which of the recording's backward passes this line ran (the last of them)."""
    error: ScriptError | None = None
    """An exception that left this line, whether or not the script caught it."""
    more: int = 0
    """How many tensors are in scope besides: of a large model only the first are in `tensors`."""
    silent: tuple[SilentWrite, ...] = ()
    """What this line wrote to tensors that require grad, or with harm, behind autograd's back."""


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
    """What ended the script, where it was an exception."""
    trailing_output: str = ""
    """What was printed outside any recorded line, as by an exit handler."""

    @property
    def output(self) -> str:
        """Everything the script printed, to stdout and stderr."""
        return "".join(moment.output for moment in self.moments) + self.trailing_output
