"""What stands where there is no graph yet: what to press, for who sees this for the first time."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len

from tui.diagram.box_view import NOTHING
from tui.kit.spans import Row, Span

WAYS = (
    (("step('next')",), "runs the next line: watch the graph grow"),
    (("step('node')",), "at .backward(): goes through it, node by node"),
    (("step('previous')", "step('node back')"), "go back"),
    (("edit(False)",), "changes the text, and shows what becomes different"),
    (("lessons",), "other lessons, mistakes, or a file of your own"),
    (("help",), "all keys"),
)
"""Actions, and what they do."""


def invitation(keys: Mapping[str, str]) -> tuple[Row, ...]:
    """A heading, and a row for what can be pressed; `keys` by action, as they are shown."""
    ways = [
        (" ".join(keys[action] for action in actions if action in keys), words)
        for actions, words in WAYS
    ]
    width = max((cell_len(shown) for shown, _ in ways), default=0)
    rows = (
        (Span(" " * (width - cell_len(shown)) + shown, "marker"), Span(f"  {words}", "faint"))
        for shown, words in ways
        if shown
    )
    return NOTHING, (), *rows
