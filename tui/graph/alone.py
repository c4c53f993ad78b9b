"""One part of the Graph tab alone on the screen: the tensors, or in a lecture the graph."""

from __future__ import annotations

from textual.widget import Widget

from tui.diagram.box_view import BoxView

TENSORS, LECTURE = "-tensors", "-lecture"
"""Classes of the pane, by which the stylesheet hides all else."""


class Alone:
    """Shows one part or the other alone on a pane, or everything."""

    def __init__(self, pane: Widget) -> None:
        self._pane = pane

    def toggle(self, part: str) -> None:
        """Show a part alone, or everything again where it is so already."""
        self._show("" if self._pane.has_class(part) else part)

    def show_graph(self) -> None:
        """Show everything again where the graph is hidden."""
        if self._pane.has_class(TENSORS):
            self._show("")

    def leave(self) -> bool:
        """Show everything again; return whether anything was alone."""
        alone = self._pane.has_class(TENSORS) or self._pane.has_class(LECTURE)
        if alone:
            self._show("")
        return alone

    def _show(self, part: str) -> None:
        for name in (TENSORS, LECTURE):
            self._pane.set_class(name == part, name)
        self._pane.query_one(BoxView).enlarge(part == LECTURE)
