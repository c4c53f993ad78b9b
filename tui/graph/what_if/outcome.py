"""What came of another gradient: whether it was changed, and nothing before it."""

from __future__ import annotations

from engine.recording.records import Recording
from engine.script.interventions import Intervention
from tui.graph.what_if.sameness import difference, same_graph
from tui.graph.what_if.supposition import Passing, Supposition, agrees, passing
from tui.kit.paragraphs import Paragraph
from tui.kit.spans import Span
from tui.kit.text import safe
from tui.script.beside import counterpart
from tui.script.player import Player
from tui.script.position import Position


def judged(supposition: Supposition, run: Passing, recording: Recording) -> Paragraph:
    """Return what is to be said of a recording; raises ValueError where nothing was changed."""
    change = supposition.change
    assert isinstance(change, Intervention)
    differs = difference(run.recording, run.lines - 1, recording)
    if not same_graph(run.recording, recording, Position(run.lines)):
        raise ValueError(f"run again, another graph came out: {differs or 'other operations'}")
    there = counterpart(run.recording, Position(run.lines), recording)
    again = passing(Player(recording, there or Position()))
    one, other = run.gradient(change.node), again.gradient(change.node)
    changed = one is not None and other is not None and agrees(change, one, other)
    if not changed and not (differs and other is not None):
        raise ValueError(next(iter(recording.notes), "run again, the gradient was not changed"))
    if differs:
        return (Span(f"⚠ not the same run: {safe(differs)}", "warning"),)
    return (Span("✓ the same run up to this change", "leaf"),)
