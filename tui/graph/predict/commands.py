"""What the command palette can do about predictions."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import SystemCommand

from tui.graph.predict.mode import PredictMode


def commands(mode: PredictMode) -> Iterator[SystemCommand]:
    """Yield the commands that switch predicting, and that forget the scores for the next class."""
    says = "show steps without asking" if mode.on else "asked before each step what it will show"
    yield SystemCommand("Predict", f"{says} (P)", mode.switch)
    yield SystemCommand("Forget scores", "of the predictions in all lessons", mode.reset_scores)
