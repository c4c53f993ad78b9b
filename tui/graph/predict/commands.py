"""What the command palette can do about predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from textual.app import SystemCommand

from tui.graph.predict.mode import PredictMode


def commands(mode: PredictMode, switch: Callable[[], None]) -> Iterator[SystemCommand]:
    """Yield the commands that switch predicting, and that forget the scores for the next class."""
    says = "show steps without asking" if mode.on else "be asked before each step what it will show"
    yield SystemCommand("Predict", f"{says} (P)", switch)
    says = "of the predictions in all lessons, for the next class"
    yield SystemCommand("Forget scores", says, mode.keeper.reset)
