"""An autograd graph to move over: which node is selected, what is searched, what is folded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import var

from engine.autograd.graph import Backward, Graph, Node, NodeGradient
from tui.diagram.box_view import BoxView
from tui.diagram.node_view import Marks, Move, NodeSelected, Shown
from tui.diagram.view_switch import ViewSwitch
from tui.graph import search
from tui.graph.search_bar import HitWanted, SearchBar, SearchLeft
from tui.kit.prompt import PromptScreen
from tui.kit.spans import Row
from tui.kit.text import safe
from tui.script.position import Pass

Ends = Literal["inputs", "users"]


class GraphWidget(Vertical):
    """Shows one graph; `selected` is watched, so that what depends on it is in the same frame.

    Its keys (`tui.graph.graph_keys`) are bound by the pane around it, which has the focus.
    """

    selected: var[int | None] = var(None)
    """The id of the selected node; None while there is no graph."""
    hits: var[tuple[int, ...]] = var(())
    """The ids of the nodes that the search found, ascending."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.words = ""
        """What is searched; empty while nothing is."""
        self._shown: Shown | None = None
        self._breakpoints: frozenset[int] = frozenset()
        self._changed: frozenset[int] = frozenset()
        self._jumped: tuple[int, tuple[int, ...]] | None = None
        """The node to which the last jump along an edge led, and those it could have led to."""
        self._texts: tuple[Graph, tuple[str, ...]] | None = None
        """A graph, and what is searched of each of its nodes."""

    def compose(self) -> ComposeResult:
        """The two views of the graph, and below them the line in which to search."""
        yield ViewSwitch()
        yield SearchBar()

    def on_mount(self) -> None:
        """Search for the words of the search bar while they are typed."""
        self.watch(self.query_one(SearchBar), "words", self._search, init=False)

    @property
    def graph(self) -> Graph | None:
        """The graph on the screen; None before there is one."""
        return None if self._shown is None else self._shown.graph

    @property
    def node(self) -> Node | None:
        """The selected node of the graph."""
        if self._shown is None or self.selected is None:
            return None
        return self._shown.graph.nodes[self.selected]

    @property
    def passed(self) -> tuple[NodeGradient, ...]:
        """The gradients of the nodes that backward has run, in its order."""
        return () if self._shown is None else self._shown.gradients[: self._shown.arrived]

    @property
    def views(self) -> ViewSwitch:
        """The widget that shows the graph as boxes or as rails."""
        return self.query_one(ViewSwitch)

    def invite(self, rows: Sequence[Row]) -> None:
        """Set the rows to show as long as there is no graph."""
        self.query_one(BoxView).invite(tuple(rows))

    def show_graph(
        self,
        graph: Graph | None,
        run: Pass,
        selected: int | None,
        breakpoints: frozenset[int] = frozenset(),
        coming: Backward | None = None,
        changed: frozenset[int] = frozenset(),
        before: tuple[NodeGradient, ...] = (),
    ) -> None:
        """Show a graph with the gradients of a backward pass, its selected node and breakpoints.

        `coming` is the pass into whose graph this one grows; nodes that are `changed` differ from
        those of the original, of which the gradients were `before`.
        Watchers of `selected` are not called: whoever shows another graph knows what it shows.
        """
        self._shown = None
        if graph is not None:
            self._shown = Shown(graph, run.gradients, run.arrived, coming, before=before)
        self._breakpoints, self._changed = breakpoints, changed
        self.set_reactive(GraphWidget.selected, selected)
        if self.words:
            self.set_reactive(GraphWidget.hits, self._found())
        self.views.show_graph(self._shown, selected, self._marks())
        self._count()

    def ask(self, node: int | None) -> None:
        """Show a question mark where the gradient of a node will come; None takes it away."""
        if self._shown is not None:
            self._shown = self._shown._replace(asked=node)
            self.views.show_graph(self._shown, self.selected, self._marks())

    def mark_breakpoints(self, nodes: frozenset[int]) -> None:
        """Mark the nodes of these ids as having a breakpoint."""
        self._breakpoints = nodes
        self.views.mark(self._marks())

    def leave_search(self, *, keep: bool) -> None:
        """End the search; with `keep` its hits stay marked, and `.` and `,` go on over them."""
        if not keep or not self.words:
            self.query_one(SearchBar).close()
            self.words, self.hits = "", ()

    def watch_selected(self) -> None:
        """Show which node is selected, and which of the hits it is."""
        self.views.select(self.selected)
        self._count()

    def watch_hits(self) -> None:
        """Mark the hits, and write how many there are."""
        self.views.mark(self._marks())
        self._count()

    def action_move(self, move: Move) -> None:
        """Select the node to which the key leads in the view that is on."""
        self.selected = self.views.moved(move)

    def action_jump(self, ends: Ends) -> None:
        """Select the first of the selected node's inputs, or of the nodes that use it."""
        nodes = self._ends(ends)
        if nodes:
            self._jumped = nodes[0], nodes
            self.selected = nodes[0]

    def action_beside(self, ends: Ends) -> None:
        """Select the next of the inputs or users, to one of which the last jump led."""
        if self._jumped is None or self._jumped[0] != self.selected:
            self.action_jump(ends)
            return
        here, nodes = self._jumped
        following = nodes[(nodes.index(here) + 1) % len(nodes)]
        self._jumped = following, nodes
        self.selected = following

    def action_not_finite(self) -> None:
        """Select the node that first made a nan or infinity: forward, else in backward."""
        broken = search.not_finite(self.passed) if self.passed else ()
        if self.graph is not None and (value := search.not_finite_value(self.graph)) is not None:
            self.selected = value
        elif broken:
            self.selected = broken[0]
        else:
            finite = "every value and gradient is finite"
            self.app.notify(finite if self.passed else "backward has not been here yet")

    @work
    async def action_go_to(self) -> None:
        """Ask for the name or the id of a node, and select it."""
        graph = self.graph
        if graph is None:
            return
        prompt = PromptScreen(
            "go to node",
            f"a name, or an id, 0 to {len(graph.nodes) - 1:,}",
            lambda text: search.named(graph, text),
        )
        text = await self.app.push_screen_wait(prompt)
        if text and self.graph is not None and len(self.graph.nodes) == len(graph.nodes):
            self.selected = search.named(graph, text)

    def action_switch(self) -> None:
        """Turn from boxes to rails or back."""
        self.views.switch()

    def action_fold(self) -> None:
        """Fold or unfold the module or the loop's round of the selected node."""
        if not self.views.fold():
            self.app.notify("this node is in no module and no round of a loop")

    def action_fold_all(self) -> None:
        """Fold every module and round of a loop, or unfold all."""
        if not self.views.fold(everything=True):
            self.app.notify("no modules and no repeated structure in this graph")

    def action_search(self) -> None:
        """Give the keys to the line in which to search."""
        self.query_one(SearchBar).open()

    def action_hit(self, step: int) -> None:
        """Select the next hit of the search, or with -1 the previous one."""
        if self.hits:
            self.selected = search.beside(self.hits, self.selected, step)
        else:
            self.app.notify("nothing is found: / searches")

    @on(NodeSelected)
    def _select_node(self, message: NodeSelected) -> None:
        message.stop()
        self.selected = message.node

    @on(HitWanted)
    def _walk_hits(self, message: HitWanted) -> None:
        message.stop()
        self.action_hit(message.step)

    @on(SearchLeft)
    def _leave_search(self, message: SearchLeft) -> None:
        self.leave_search(keep=message.keep)  # the pane takes the focus back

    def _search(self, words: str) -> None:
        self.words = words
        self.hits = self._found()
        if self.hits and self.selected not in self.hits:
            self.selected = search.beside(self.hits, self.selected, 1)
        self._count()

    def _found(self) -> tuple[int, ...]:
        graph = self.graph
        if graph is None:
            return ()
        if self._texts is None or self._texts[0] is not graph:
            self._texts = graph, search.index(graph)
        return search.hits(graph, self._texts[1], lambda: self.passed, self.words)

    def _marks(self) -> Marks:
        return Marks(frozenset(self.hits), self._breakpoints, self._changed)

    def _count(self) -> None:
        bar = self.query_one(SearchBar)
        total = len(self.hits)
        if not self.words:
            bar.count("")
        elif self.selected in self.hits:
            bar.count(f"{self.hits.index(self.selected) + 1:,} of {total:,}")
        else:
            bar.count(f"{total:,} found" if total else f"no {safe(self.words)}")

    def _ends(self, ends: Ends) -> tuple[int, ...]:
        """Where the edges of the selected node lead, each once."""
        if self._shown is None or self.selected is None:
            return ()
        graph = self._shown.graph
        if ends == "inputs":
            return tuple(dict.fromkeys(edge.source for edge in graph.into[self.selected]))
        return tuple(dict.fromkeys(edge.target for edge in graph.out_of[self.selected]))
