"""The record of a script that was run line by line: what `recorder` makes. Torch-free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Literal

from engine.autograd.graph import Backward, Graph
from engine.autograd.values import TensorView
from engine.quick_records import quickly_made
from engine.recording.findings import Finding
from engine.recording.pass_table import PassTable
from engine.recording.rank_records import Collective, RankPass, RankPlace

Ending = Literal["end", "error", "exit", "bound", "cancelled", "time", "killed", "running"]
"""Why a recording stopped: end, error or own exit of the script, as many lines or as much time as
were allowed, the user, a signal; or that it has not stopped, or that nobody knows."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the script's project, as it was when it ran."""

    name: str
    """What it is called on the screen: relative to the script's folder."""
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class ScriptError:
    """An exception that left a line of the script."""

    type: str
    message: str
    line: int
    column: int | None = None
    """The column of a syntax error, from 1; None for other errors."""
    file: int = 0
    """The index in the recording's `files` of the file that raised it."""
    way: tuple[str, ...] = ()
    """The lines of the project that led there, outermost first: `main.py:6  fwd(w, x)`."""

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


@quickly_made
@dataclass(frozen=True, slots=True)
class Moment:
    """The state after one executed line."""

    line: int
    depth: int
    """The number of lines of the project around it that are not yet done; 0 at module level."""
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
    file: int = 0
    """The index of the line's file in the recording's `files`."""
    number: int = 0
    """The number, from 0, of the pass that the line belongs to: what ran since the one before."""
    variables: tuple[tuple[str, str], ...] = ()
    """The loop variables around the line that are plain numbers or short strings, as text."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A script, run and kept: move over it by looking at its moments.

    Of a long run only some passes have moments; `passes` has the scalars of all. The sequences
    of a recording in a file read what is asked for.
    """

    name: str
    source: str
    moments: Sequence[Moment]
    graphs: Sequence[Graph]
    backwards: Sequence[Backward]
    ending: Ending
    error: ScriptError | None = None
    """The exception that ended the script; None where it ended otherwise."""
    trailing_output: str = ""
    """Output that was printed outside any recorded line, as by an exit handler."""
    files: tuple[SourceFile, ...] = ()
    """The files of the project that ran, the script first; empty where there is only `source`."""
    passes: PassTable = field(default_factory=PassTable)
    """The scalars of every backward pass."""
    findings: tuple[Finding, ...] = ()
    """What is wrong with the run, in the order in which it was found."""
    notes: tuple[str, ...] = ()
    """What the reader must know: lines that could not be followed, damage to the file."""
    place: RankPlace | None = None
    """Which process of a distributed run it is of; None of a run of one process."""
    rank_passes: Sequence[RankPass] = ()
    """What the ranks made of the gradients, in order of the passes; not of every one."""
    collective: Collective | None = None
    """The last collective that this rank reached."""
    ended: float | None = None
    """When the script ended, in seconds since the epoch; None where nobody knows, or not yet."""

    @property
    def output(self) -> str:
        """What the script printed to stdout and stderr."""
        return self.printed_in(self.moments)

    def printed_in(self, moments: Iterable[Moment]) -> str:
        """What it printed in some of its moments, between recorded lines, and at the end."""
        pieces = [(number, 0, text) for number, text in self.passes.printed()]
        # Where no lines are recorded, none is before the pass itself.
        pieces += ((moment.number, 1, moment.output) for moment in moments if moment.output)
        pieces.sort(key=itemgetter(0, 1))
        return "".join(text for *_, text in pieces) + self.trailing_output
