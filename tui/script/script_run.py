"""The run of a script as all tabs see it: its passes, and the one that is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from engine.recording.pass_table import PassTable


@dataclass(frozen=True, slots=True)
class ScriptRun:
    """A script's run, which may still go on."""

    name: str
    """What it is called on the screen; it may hold control characters."""
    passes: PassTable
    """The scalars of every pass up to now."""
    number: int | None
    """The pass that the Graph tab is in, from 0; None before the first line."""
    running: bool
    """Whether more may come."""


@dataclass
class ScriptRunChanged(Message):
    """Posted by the Graph tab when its script's run has more passes or the cursor has moved."""

    run: ScriptRun | None
    """None where no script is open."""


@dataclass
class PassWanted(Message):
    """Posted by the other tabs: the Graph tab is to go to a pass, or the nearest that has lines."""

    number: int
