"""A graph as boxes or as rails, whichever is on; what is selected or marked holds for both."""

from __future__ import annotations

from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from engine.autograd.graph import Graph
from tui.graph.box_view import DIRECTIONS, FALLBACK, GraphView
from tui.graph.layout.box_text import boxes
from tui.graph.layout.boxes import arrange
from tui.graph.layout.folds import groups
from tui.graph.node_view import Marks, Move, NodeView, Shown
from tui.graph.rail_view import RailsView, TitlesChanged
from tui.kit.spans import Span
from tui.script.position import Pass

BOXES_LIMIT = 100
"""Graphs of more nodes come as rails: as boxes they could be drawn, but not overlooked."""
SCREENS = 2
"""So do graphs that are more than so many times as wide or as high as there is room."""

Kind = Literal["boxes", "rails"]


class GraphDrawing(Vertical):
    """Owns the choice of the view; the pane talks to this widget alone."""

    DEFAULT_CSS = """
    GraphDrawing {
        RailsView, .titles { display: none; }
        .titles { height: 1; color: $faint; text-style: bold; }
        &.-rails {
            GraphView { display: none; }
            RailsView, .titles { display: block; }
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: Shown | None = None
        self._selected: int | None = None
        self._marks = Marks()
        self._chosen: Kind | None = None

    def compose(self) -> ComposeResult:
        """Both; the stylesheet shows one."""
        yield GraphView()
        yield Static(markup=False, classes="titles")
        yield RailsView()

    @property
    def kind(self) -> Kind:
        """Which view is on."""
        return "rails" if self.has_class("-rails") else "boxes"

    @property
    def too_large(self) -> bool:
        """Whether it turned to rails by itself."""
        return self.kind == "rails" and self._chosen is None

    @property
    def view(self) -> NodeView:
        """The one that is on."""
        return self.query_one(RailsView) if self.kind == "rails" else self.query_one(GraphView)

    def invite(self, rows: tuple[tuple[Span, ...], ...]) -> None:
        """What to say as long as there is no graph."""
        self.query_one(GraphView).invite(rows)

    def show_graph(self, graph: Graph | None, run: Pass, selected: int | None) -> None:
        """Another graph, or the same one with more of its gradients there."""
        self._selected = selected
        self._shown = None if graph is None else Shown(graph, run.gradients, run.arrived)
        if not self._choose():
            self.view.show_graph(self._shown, selected)

    def select(self, node: int | None) -> None:
        """Mark a node and bring it on the screen."""
        if node != self._selected:
            self._selected = node
            self.view.select(node)

    def mark(self, marks: Marks) -> None:
        """Other hits or breakpoints."""
        if marks != self._marks:
            self._marks = marks
            self.view.mark(marks)

    def moved(self, move: Move) -> int | None:
        """Where a key leads from the selected node."""
        if self._selected is None:
            return None
        return self.view.moved(self._selected, move)

    def switch(self) -> None:
        """From boxes to rails or back; from then on as chosen."""
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
        rails = self.query_one(RailsView)
        rails.fold_all() if everything else rails.fold(self._selected)
        return True

    def on_resize(self) -> None:
        """There may be room for boxes now, or none any more."""
        self._choose()

    def _choose(self) -> bool:
        """Turn to the other view where nobody has chosen and it suits better."""
        crowds = self._shown is not None and self._crowds(self._shown.graph)
        wanted: Kind = self._chosen or ("rails" if crowds else "boxes")
        if wanted == self.kind:
            return False
        self._turn(wanted)
        return True

    def _crowds(self, graph: Graph) -> bool:
        """Whether boxes with the least detail would be too many to overlook."""
        if len(graph.nodes) > BOXES_LIMIT or not self.size.area:
            return len(graph.nodes) > BOXES_LIMIT
        width, height = SCREENS * self.size.width, SCREENS * self.size.height
        least = boxes(graph, {}, 0, FALLBACK)
        layouts = (arrange(graph, least, direction) for direction in DIRECTIONS)
        return not any(layout and layout.fits(width, height) for layout in layouts)

    def _turn(self, kind: Kind) -> None:
        self.set_class(kind == "rails", "-rails")
        view = self.view
        view.show_graph(self._shown, self._selected)
        view.mark(self._marks)
        # It has its size, and so its rows, only after the next layout.
        self.call_after_refresh(lambda: view.select(self._selected))

    @on(TitlesChanged)
    def _show_titles(self, message: TitlesChanged) -> None:
        message.stop()
        self.query_one(".titles", Static).update(message.text, layout=False)
