"""Two recordings in lockstep: the position in both, and what differs there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from engine.recording.differences import Differences, What, changed_lines, differences
from engine.recording.lockstep import Pace, lockstep
from engine.recording.records import Moment, Recording
from engine.recording.source_lines import source_lines
from tui.script.change_words import MARK
from tui.script.compared import SAME, side
from tui.script.player import Player
from tui.script.position import Position
from tui.script.value_text import short

NUMBERS: tuple[What, ...] = ("value", "grad")
NONE = "None"
WIDTH = 30
"""At most so much of a number is written in a sentence."""


class DifferingNumbers(NamedTuple):
    """A number that differs: of which tensor, and how it is written on both sides."""

    step: int
    name: str
    wrong: str
    right: str


@dataclass(frozen=True, eq=False)
class Race:
    """A mistake and what is right, both recorded."""

    wrong: Recording
    right: Recording

    @cached_property
    def paces(self) -> tuple[Pace, ...]:
        """The positions in both, from before the first line to both ends."""
        return lockstep(self.wrong, self.right)

    @cached_property
    def first(self) -> DifferingNumbers | None:
        """The first number that differs where both are level; None where none does.

        Where never two numbers differ, the first that is there on one side only.
        """
        found = list(self._numbers())
        both = (one for one in found if NONE not in (one.wrong, one.right))
        return next(both, found[0] if found else None)

    @cached_property
    def lines(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The lines of code that are wrong, and those that stand there in their place."""
        wrong, right = self.wrong.source, self.right.source
        return _code(wrong, changed_lines(right, wrong)[0]), _code(
            right, changed_lines(wrong, right)[0]
        )

    def players(self, step: int) -> tuple[Player, Player]:
        """Return both at a step."""
        pace = self.paces[step]
        return (
            Player(self.wrong, Position(pace.one)),
            Player(self.right, Position(pace.other)),
        )

    def differs(self, step: int) -> Differences:
        """Return what of the right one differs; nothing while one waits for the other."""
        if not self.paces[step].level:
            return SAME
        wrong, right = self.players(step)
        return differences(side(wrong), side(right))

    def verdict(self, step: int) -> tuple[str, str]:
        """Return in one sentence how both compare at a step, and its role."""
        first = self.first
        if first is not None and step >= first.step:
            when = "the first number that differs" if step == first.step else "first differed"
            return f"{MARK} {when}: {first.name} is {first.wrong}, right {first.right}", "warning"
        raised = self._raised(step)
        if raised is not None:
            return f"✗ the left one raises {raised}", "error"
        if not self.paces[step].level:
            return "the lines differ here: the other one waits", "faint"
        last = step == len(self.paces) - 1
        return ("all numbers are the same, to the end" if last else "the same up to here"), "faint"

    def _raised(self, step: int) -> str | None:
        moments: list[Moment] = [self.wrong.moments[i] for i in range(self.paces[step].one)]
        return next((one.error.type for one in reversed(moments) if one.error), None)

    def _numbers(self) -> Iterator[DifferingNumbers]:
        for step in range(len(self.paces)):
            for change in self.differs(step).tensors:
                if change.before is None or change.after is None:
                    continue
                for what in (what for what in NUMBERS if what in change.what):
                    name = change.name if what == "value" else f"{change.name}.grad"
                    pair = (getattr(one, what) for one in (change.before, change.after))
                    texts = (NONE if one is None else short(one, WIDTH) for one in pair)
                    yield DifferingNumbers(step, name, *texts)


def _code(source: str, lines: tuple[int, ...]) -> tuple[int, ...]:
    """Those of the lines that are neither blank nor a comment."""
    texts = source_lines(source)
    return tuple(line for line in lines if texts[line - 1].strip()[:1] not in ("", "#"))
