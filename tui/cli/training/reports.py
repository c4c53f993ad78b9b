"""How a training run is reported: as aligned columns, or as JSON Lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.plurals import counted
from engine.training.problem import State, Step
from tui.cli.printing.json_output import json_number, write_json
from tui.cli.printing.output import Json


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a run ended, after how long and why."""

    state: State
    """After the last finite iteration."""
    loss: float | None
    """The loss before that iteration's update; None where there was no iteration."""
    seconds: float
    """Wall-clock seconds spent in training alone."""
    stopped: str | None = None
    """Why it did not get to its end, in one line."""
    code: int = 0
    """The exit code that goes with it."""
    notes: tuple[str, ...] = ()
    """What must be known of the numbers, a line each."""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """The same for programs."""
    remedy: str = ""
    """What would converge, in one line, where it has diverged."""


class RunReport(Protocol):
    """Writes rows as they come, and the outcome last."""

    def row(self, step: Step) -> None:
        """Print the row of one iteration on stdout."""

    def end(self, outcome: Outcome) -> None:
        """Print on stdout what the run ended with: state, loss, time, and what they come to."""


ITERATION = 9
"""Cells of the iteration's number."""
FIXED, ROUNDED = 17, 14
"""Cells of a column with eight decimals, and of one with five digits."""


class ColumnReport:
    """Rows as in the tutorial, under a heading; every number in full in the last line.

    Where not all weights fit into the width they have fewer digits, and if need be an ellipsis
    stands for the last ones.
    """

    def __init__(self, features: int, width: int) -> None:
        self._fixed = ITERATION + FIXED * (features + 2) <= width
        fitting = (width - ITERATION) // ROUNDED - 2
        self._shown = features if self._fixed or features <= fitting else max(1, fitting - 1)
        self._more = ["…"] if self._shown < features else []
        names = ["w"] if features == 1 else [f"w{i}" for i in range(1, self._shown + 1)]
        self._heading: str | None = self._line("iteration", *names, *self._more, "b", "loss")

    def row(self, step: Step) -> None:
        """Print the row of one iteration on stdout."""
        if self._heading:
            print(self._heading)
            self._heading = None
        written = _fixed if self._fixed else _rounded
        w, b = map(written, step.w[: self._shown]), written(step.b)
        loss = f"{step.loss:.8e}" if self._fixed else written(step.loss)
        print(self._line(str(step.iteration), *w, *self._more, b, loss), flush=True)

    def _line(self, iteration: str, *numbers: str) -> str:
        cells = FIXED if self._fixed else ROUNDED
        return f"{iteration:>{ITERATION}}" + "".join(f"{number:>{cells}}" for number in numbers)

    def end(self, outcome: Outcome) -> None:
        """Print on stdout what the run ended with: state, loss, time, and what they come to."""
        word = "stopped" if outcome.stopped else "done"
        state = outcome.state
        w = ", ".join(map(repr, state.w))
        loss = "" if outcome.loss is None else f", loss {outcome.loss!r}"
        after = f"{word} after {counted(state.iteration, 'iteration')}, {outcome.seconds:.2f} s"
        print(f"{after}: w {w}, b {state.b!r}{loss}")
        for note in outcome.notes:
            print(note)


class JsonLines:
    """An object a row, every number in full; the last one says whether the run is done.

    What is known beforehand `about` the data stands in the last one, too.
    """

    def __init__(self, about: dict[str, Json]) -> None:
        self._about = about

    def row(self, step: Step) -> None:
        """Print the row of one iteration on stdout."""
        write_json({"iteration": step.iteration, **_fitted(step.w, step.b, step.loss)})

    def end(self, outcome: Outcome) -> None:
        """Print on stdout what the run ended with: state, loss, time, and what they come to."""
        state = outcome.state
        last: dict[str, Json] = {
            "done": outcome.stopped is None,
            "iterations": state.iteration,
            **_fitted(state.w, state.b, outcome.loss),
            "seconds": outcome.seconds,
            **outcome.facts,
        }
        if outcome.stopped:
            last["stopped"] = outcome.stopped
        write_json(last | self._about)


class Unreported:
    """Prints nothing: of several ranks one reports."""

    def row(self, step: Step) -> None:
        """Print nothing of an iteration, which rank 0 prints."""

    def end(self, outcome: Outcome) -> None:
        """Print nothing of the end, which rank 0 prints."""


def _fitted(w: tuple[float, ...], b: float, loss: float | None) -> dict[str, Json]:
    numbers = [json_number(one) for one in w]
    return {
        "w": numbers[0] if len(numbers) == 1 else numbers,
        "b": json_number(b),
        "loss": None if loss is None else json_number(loss),
    }


def _fixed(number: float) -> str:
    return f"{number:.8f}" if abs(number) < 1e5 else f"{number:.8e}"


def _rounded(number: float) -> str:
    return f"{number:.5g}"
