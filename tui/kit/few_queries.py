"""Forgetting what `query_one` has found: Textual would keep a thousand answers of each widget.

Each is kept under the number of changes there have been among the widget's children, so none but
the last few is ever asked for again: for half an hour memory would seem to leak.
"""

from __future__ import annotations

from textual.widget import Widget

KEPT = 32
"""Answers of one widget: more than it is asked for between two changes."""


def keep_few_queries(root: Widget) -> None:
    """Let a widget, and all that are in it by now, keep the last few answers only."""
    for widget in (root, *root.query("*")):
        widget._query_one_cache.maxsize = KEPT
