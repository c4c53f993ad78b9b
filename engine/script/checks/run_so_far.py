"""What the checks of one run know together, and where they say what they have found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from types import FrameType
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from engine.recording.findings import Finding
from engine.recording.journal import Journal
from engine.script.checks.cuts import Cuts
from engine.script.checks.grad_mode import SwitchedOff
from engine.script.checks.places import Places
from engine.script.checks.words import Words
from engine.script.checks.writes import WriteLog

Variables = Callable[[FrameType | None], Mapping[str, object]]
"""What a frame has in scope."""
Expression = Callable[[FrameType | None], str | None]
"""The source text that runs in a frame."""


@dataclass(slots=True, eq=False)
class RunSoFar:
    """A run as far as it has been seen: calls leave here what passes ask for, and back."""

    journal: Journal
    places: Places
    variables: Variables
    expression: Expression
    cuts: Cuts = field(default_factory=Cuts)
    writes: WriteLog = field(default_factory=WriteLog)
    off: SwitchedOff | None = None
    """The statement that has switched grad mode off."""
    number: int = 0
    """Of the pass that was seen last."""
    scaled: bool = False
    """Whether that pass began at a loss that a GradScaler has scaled."""

    def add(self, found: Iterable[Finding], moment: int | None = None) -> None:
        """Add what has been found in the pass that was seen last, now or at a moment."""
        when = self.journal.moment_count if moment is None else moment
        self.add_dated(replace(one, number=self.number, moment=when) for one in found)

    def add_dated(self, found: Iterable[Finding]) -> None:
        """Add what says itself in which pass it was found, and when."""
        for one in found:
            self.journal.add_finding(one)

    def error(self, words: Words) -> None:
        """Add why a call or a pass has raised."""
        self.add([words.finding("error")])

    def missed(self, error: Exception) -> None:
        """Note that a check has failed itself."""
        self.journal.note(f"a check could not be made: {type(error).__name__}")


class _Looks(Protocol):
    """Something that looks for mistakes in a run."""

    run: RunSoFar


L = TypeVar("L", bound=_Looks)
P = ParamSpec("P")


def harmless(look: Callable[Concatenate[L, P], None]) -> Callable[Concatenate[L, P], None]:
    """Return a method whose own errors are noted in the journal, and never become the script's."""

    @wraps(look)
    def guarded(checks: L, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            look(checks, *args, **kwargs)
        except Exception as error:
            checks.run.missed(error)

    return guarded
