"""An autograd graph as rows in backward order, lanes at the left: for graphs of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget

from engine.autograd.graph import NodeGradient
from tui.config.settings import settings_of
from tui.diagram.layout import folds
from tui.diagram.layout.folds import Folded, Groups
from tui.diagram.layout.rail_columns import Columns, Costs, fitted
from tui.diagram.layout.rails import Rails, rails
from tui.diagram.node_view import Marks, Move, NodeSelected, Shown
from tui.kit.glyphs import graph_glyphs
from tui.kit.rows_view import RowsView
from tui.kit.spans import Span

GUTTER = 2
"""Columns left of the lanes, for breakpoints and for what differs from an original."""
LANES_SHARE = 6
"""One lane for every so many columns of the widget."""


@dataclass
class TitlesChanged(Message):
    """Posted when the columns stand elsewhere, with the titles to write above them."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Everything that depends on graph, folds and room, but on no gradient."""

    folded: Folded
    rails: Rails
    columns: Columns


class RailView(RowsView):
    """One row a node, or a fold; only the rows on the screen are ever made."""

    # A bar that came with the rows would have the screen laid out a second time.
    DEFAULT_CSS = "RailView { overflow-y: scroll; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._shown: Shown | None = None
        self._table: _Table | None = None
        self._gradients: dict[int, NodeGradient] = {}
        self._order: dict[int, int] = {}
        self._selected: int | None = None
        self._marks = Marks()
        self._structure: Groups | None = None
        self._folds: frozenset[str] = frozenset()
        self._built_for = 0

    def show_graph(self, shown: Shown | None, selected: int | None, marks: Marks) -> None:
        """Show another graph, or the same one with more of its gradients there."""
        before, self._shown, self._marks = self._shown, shown, marks
        gradients = shown.gradients if shown else ()
        if before is None or before.gradients is not gradients:
            self._gradients = {gradient.node: gradient for gradient in gradients}
            self._order = {gradient.node: i for i, gradient in enumerate(gradients)}
        if before is None or shown is None or before.graph is not shown.graph:
            self._structure = None
            self._build()
        self._selected = selected
        self.repaint()
        self._reveal_selected()

    def select(self, node: int | None) -> None:
        """Mark the row of the node of this id as selected, and scroll to it; None marks none."""
        before, self._selected = self._selected, node
        if self._table is not None:
            rows = self._table.folded.row_of
            self.repaint([rows[one] for one in (before, node) if one is not None])
        self._reveal_selected()

    def mark(self, marks: Marks) -> None:
        """Mark other search hits and breakpoints."""
        self._marks = marks
        self.repaint()

    def moved(self, node: int, move: Move) -> int:
        """Return the node a row above or below, right the first user, left the first input."""
        if self._table is None or self._shown is None:
            return node
        graph = self._shown.graph
        if move in ("left", "right"):
            edges = graph.into[node] if move == "left" else graph.out_of[node]
            return node if not edges else edges[0].source if move == "left" else edges[0].target
        members, row = self._table.folded.members, self._row_of(node)
        page = max(self.size.height - 1, 1)
        rows = {
            "up": row - 1,
            "down": row + 1,
            "pageup": row - page,
            "pagedown": row + page,
            "home": 0,
            "end": len(members) - 1,
        }
        return members[min(max(rows[move], 0), len(members) - 1)][0]

    def fold(self, node: int) -> None:
        """Fold or unfold the module or the loop's round of the node of this id."""
        self._close(self._folds ^ {self._groups[node]})

    def fold_all(self) -> None:
        """Unfold everything where anything is folded, else fold every module and round."""
        every = frozenset(self._groups) - {""}
        self._close(frozenset() if self._folds & every else every)

    def rows(self, positions: Sequence[int]) -> Sequence[Sequence[Span]]:
        """Return rows: a node's breakpoint, the lanes of its edges, and its columns."""
        table = self._table
        if table is None or self._shown is None:
            return [()] * len(positions)
        count = len(table.folded.members)
        return [self._row(table, y) if 0 <= y < count else () for y in positions]

    def on_resize(self) -> None:
        """Choose the columns anew where the width is another."""
        if self._width != self._built_for:
            self._build()
            self.refresh()
        self._reveal_selected()

    def on_click(self, event: events.Click) -> None:
        """Post NodeSelected for the first node of the row that was clicked."""
        y = event.y + self.scroll_offset.y
        if self._table is not None and y < len(self._table.folded.members):
            self.post_message(NodeSelected(self._table.folded.members[y][0]))

    def _row(self, table: _Table, y: int) -> Sequence[Span]:
        inside = table.folded.members[y]
        node, gradient = table.folded.graph.nodes[y], self._gradient(inside[0])
        mark = "●" if not self._marks.breakpoints.isdisjoint(inside) else " "
        changed = "≠" if not self._marks.changed.isdisjoint(inside) else " "
        spans = (
            Span(mark, "breakpoint", y),
            Span(changed, "changed", y),
            *table.rails.row(y),
            Span("  "),
            *table.columns.row(table.folded.graph, node, gradient, self._costs(inside), y),
        )
        return [self._modified(span, table.folded.members) for span in spans]

    def _costs(self, inside: range) -> Costs:
        """What the nodes of a row cost together."""
        assert self._shown is not None
        nodes = self._shown.graph.nodes
        passed = (self._gradient(node) for node in inside)
        return Costs(
            len(inside),
            sum(nodes[node].keeps or 0 for node in inside),
            sum(one.took or 0.0 for one in passed if one is not None),
        )

    def _modified(self, span: Span, members: Sequence[Sequence[int]]) -> Span:
        """A span with the roles of a selected row, of a hit, and of where backward has been."""
        if span.role == "edge" or span.key < 0:
            return span
        inside = members[span.key]
        extra = []
        if span.role in ("leaf", "op", "root", "reduction") and self._arrived(inside[-1]):
            extra.append("lit")
        if self._selected is not None and self._selected in inside:
            extra.append("current" if "title" in span.role or span.role == "fold" else "chosen")
        text = "title" in span.role or span.role in ("name", "expression", "fold")
        if text and "current" not in extra and not self._marks.hits.isdisjoint(inside):
            extra.append("hit")
        return Span(span.text, " ".join((span.role, *extra)), span.key) if extra else span

    @property
    def _width(self) -> int:
        """The width in cells; before the first layout that of the parent, which it will fill."""
        around = self.parent
        return self.size.width or (around.size.width if isinstance(around, Widget) else 0)

    @property
    def _groups(self) -> Groups:
        """Found when somebody folds, not before: most graphs are never folded."""
        if self._structure is None:
            self._structure = folds.groups(self._shown.graph) if self._shown else ()
        return self._structure

    def _close(self, closed: frozenset[str]) -> None:
        self._folds = closed
        self._build()
        self.refresh()
        self._reveal_selected()

    def _build(self) -> None:
        """Rails and columns for this graph in this width."""
        width = self._built_for = self._width
        if self._shown is None or not width:
            self._table = None
            self.show_rows(0, 0)
            return
        graph = self._shown.graph
        structure = self._groups if self._folds else ("",) * len(graph.nodes)
        folded = folds.folded(graph, structure, self._folds)
        lanes = rails(
            folded.graph, graph_glyphs(settings_of(self).glyphs), max(width // LANES_SHARE, 3)
        )
        # One column stays free for the scroll bar.
        columns = fitted(graph, width - GUTTER - lanes.width - 3)
        self._table = _Table(folded, lanes, columns)
        self.post_message(TitlesChanged(" " * (GUTTER + lanes.width + 2) + columns.titles))
        self.show_rows(1, len(folded.members))

    def _reveal_selected(self) -> None:
        if self._selected is not None and self._table is not None:
            self.reveal(Region(self.scroll_offset.x, self._row_of(self._selected), 1, 1))

    def _row_of(self, node: int) -> int:
        assert self._table is not None
        return self._table.folded.row_of[node]

    def _arrived(self, node: int) -> bool:
        arrived = self._shown.arrived if self._shown else 0
        return self._order.get(node, arrived) < arrived

    def _gradient(self, node: int) -> NodeGradient | None:
        return self._gradients[node] if self._arrived(node) else None
