"""The run of a script as all tabs see it: its passes, and the one that is looked at."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from textual.message import Message

from engine.recording.pass_table import PassTable
from tui.script.rank_lens import RankLens


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
    ended: str = ""
    """How it ended, in a few words that may hold control characters; empty where as it should."""
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The shapes of leaves by their names, as far as a graph has been looked at."""
    lens: RankLens | None = None
    """Which rank it is of; None where it is a run of one process."""
    cursor: int | None = None
    """The pass that is looked at in all tabs; None: the newest, also when more come."""

    @property
    def here(self) -> int | None:
        """The number of the pass that is looked at; None while there is none."""
        newest = self.passes.count - 1
        if newest < 0:
            return None
        return newest if self.cursor is None else min(self.cursor, newest)

    def with_lines(self, number: int) -> int | None:
        """Return the pass with lines that stands for another: the last up to it, else the first.

        None where no pass has lines.
        """
        deep = self.passes.deep
        if not deep:
            return None
        return deep[
            max(bisect.bisect_right(deep, number, key=lambda one: one.number) - 1, 0)
        ].number

    def beside(self, step: int) -> int | None:
        """Return the next pass with lines after the one looked at, or with -1 the previous."""
        deep, here = self.passes.deep, self.here
        if here is None:
            return None
        if step > 0:
            at = bisect.bisect_right(deep, here, key=lambda one: one.number)
        else:
            at = bisect.bisect_left(deep, here, key=lambda one: one.number) - 1
        return deep[at].number if 0 <= at < len(deep) else None

    @property
    def in_step(self) -> bool:
        """Whether the Graph tab is in the lines that stand for the pass looked at."""
        here = self.here
        if here is None or self.number is None:
            return True
        if self.number >= self.passes.count:  # after the last pass, or in one that is not over
            return self.cursor is None
        return self.number == self.with_lines(here)

    def after(self, before: ScriptRun | None, *, by_graph: bool) -> ScriptRun:
        """Return the run with its cursor: only the tab in front moves it, in its own script.

        `by_graph`: whether that is the Graph tab, to whose pass the cursor then goes.
        """
        before = before if before is not None and before.name == self.name else None
        kept = replace(self, cursor=before.cursor if before else None)
        if kept.in_step or (before is not None and not by_graph):
            return kept
        past = self.number is not None and self.number >= self.passes.count
        return replace(self, cursor=None if past else self.number)


@dataclass
class ScriptRunChanged(Message):
    """Posted by the Graph tab when its script's run has more passes or it is in another one."""

    run: ScriptRun | None
    """None where no script is open. Its cursor says nothing."""


@dataclass
class RankTurned(Message):
    """Posted by the other tabs: the next rank of the run is to be shown, in all tabs."""


@dataclass
class PassLookedAt(Message):
    """Posted by the other tabs: another pass is looked at; None: the newest."""

    number: int | None


@dataclass
class PassWanted(Message):
    """Posted by the other tabs: the Graph tab is to come to the front, at a pass.

    It shows the pass, or the last one before it that has lines.
    """

    number: int
