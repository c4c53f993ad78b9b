"""A graph as boxes or as rails, whichever is on; what is selected or marked holds for both."""

from __future__ import annotations

from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size
from textual.widgets import Static

from engine.autograd.graph import Graph
from tui.diagram.box_view import BoxView
from tui.diagram.layout.box_text import boxes
from tui.diagram.layout.boxes import arrange
from tui.diagram.layout.detail import DIRECTIONS
from tui.diagram.layout.folds import groups
from tui.diagram.node_view import Marks, Move, NodeView, Shown
from tui.diagram.rail_view import RailView, TitlesChanged

BOXES_LIMIT = 100
"""Graphs of more nodes come as rails: as boxes they could be drawn, but not overlooked."""
Kind = Literal["boxes", "rails"]


class ViewSwitch(Vertical):
    """Shows a graph in one of two views, and keeps the other without work until it is turned to."""

    DEFAULT_CSS = """
    ViewSwitch {
        RailView, .titles { display: none; }
        .titles { height: 1; color: $faint; text-style: bold; }
        &.-rails {
            BoxView { display: none; }
            RailView, .titles { display: block; }
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: Shown | None = None
        self._selected: int | None = None
        self._marks = Marks()
        self._chosen: Kind | None = None
        self._crowded: tuple[Graph, Size, bool] | None = None

    def compose(self) -> ComposeResult:
        """Mount both views; the stylesheet hides one."""
        yield BoxView()
        yield Static(markup=False, classes="titles")
        yield RailView()

    @property
    def kind(self) -> Kind:
        """Whether the graph is shown as boxes or as rails."""
        return "rails" if self.has_class("-rails") else "boxes"

    @property
    def too_large(self) -> bool:
        """Whether it turned to rails by itself, since the graph has no room as boxes."""
        return self.kind == "rails" and self._chosen is None

    @property
    def view(self) -> NodeView:
        """The one of the two views that is on the screen."""
        return self.query_one(RailView) if self.kind == "rails" else self.query_one(BoxView)

    def show_graph(self, shown: Shown | None, selected: int | None, marks: Marks) -> None:
        """Show another graph, or the same one with more of its gradients there."""
        self._shown, self._selected, self._marks = shown, selected, marks
        if self.kind == "boxes" and (self._chosen or not _too_many(shown)):
            boxes = self.query_one(BoxView)
            boxes.show_graph(shown, selected, marks)
            if boxes.fits:
                return  # then there is no need to measure how far it does not
        elif self.kind == self._wanted():
            self.view.show_graph(shown, selected, marks)
            return
        wanted = self._wanted()
        if wanted != self.kind:
            self._turn(wanted)

    def select(self, node: int | None) -> None:
        """Mark the node of this id as selected, and scroll to it; None marks none."""
        if node != self._selected:
            self._selected = node
            self.view.select(node)

    def mark(self, marks: Marks) -> None:
        """Mark other search hits or breakpoints."""
        if marks != self._marks:
            self._marks = marks
            self.view.mark(marks)

    def moved(self, move: Move) -> int | None:
        """Return the id of the node to which a key leads from the selected one."""
        if self._selected is None:
            return None
        return self.view.moved(self._selected, move)

    def switch(self) -> None:
        """Turn from boxes to rails or back; from then on as chosen, however large the graph."""
        self._chosen = "boxes" if self.kind == "rails" else "rails"
        self._turn(self._chosen)

    def fold(self, everything: bool = False) -> bool:
        """Fold or unfold in the rails, to which it turns; False where there is no structure."""
        if self._shown is None or self._selected is None:
            return False
        structure = groups(self._shown.graph)
        if not (any(structure) if everything else structure[self._selected]):
            return False
        if self.kind == "boxes":
            self.switch()
        rails = self.query_one(RailView)
        rails.fold_all() if everything else rails.fold(self._selected)
        return True

    def on_resize(self) -> None:
        """Turn to the other view where there is room for boxes now, or none any more."""
        wanted = self._wanted()
        if wanted != self.kind:
            self._turn(wanted)

    def _wanted(self) -> Kind:
        """The view that was chosen, else the one that suits the graph."""
        if self._chosen or self._shown is None:
            return self._chosen or "boxes"
        crowds = _too_many(self._shown) or self._crowds(self._shown.graph)
        return "rails" if crowds else "boxes"

    def _crowds(self, graph: Graph) -> bool:
        """Whether boxes with the least detail do not fit on the screen, in any direction."""
        if not self.size.area:
            return False
        known = self._crowded
        if known is None or known[0] is not graph or known[1] != self.size:
            known = self._crowded = graph, self.size, not self._fits(graph)
        return known[2]

    def _fits(self, graph: Graph) -> bool:
        least = boxes(graph, {}, 0, "title")
        layouts = (arrange(graph, least, direction) for direction in DIRECTIONS)
        return any(layout and layout.fits(*self.size) for layout in layouts)

    def _turn(self, kind: Kind) -> None:
        self.set_class(kind == "rails", "-rails")
        view = self.view
        view.show_graph(self._shown, self._selected, self._marks)
        # It has its size, and so its rows, only after the next layout.
        self.call_after_refresh(lambda: view.select(self._selected))

    @on(TitlesChanged)
    def _show_titles(self, message: TitlesChanged) -> None:
        message.stop()
        self.query_one(".titles", Static).update(message.text, layout=False)


def _too_many(shown: Shown | None) -> bool:
    return shown is not None and len(shown.graph.nodes) > BOXES_LIMIT
