"""Moving over the graph: by keys, along its edges, to a node by name, and by search."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Literal

from textual import on, work
from textual.binding import Binding, BindingType
from textual.reactive import var

from engine.autograd.graph import Graph
from tui.graph import search
from tui.graph.graph_widget import GraphDrawing
from tui.graph.node_view import Marks, Move, NodeSelected
from tui.graph.player import Walking
from tui.graph.search_bar import HitWanted, SearchBar, SearchLeft
from tui.kit.key_ids import with_ids
from tui.kit.prompt import PromptScreen
from tui.kit.text import safe
from tui.script import position

Ends = Literal["inputs", "users"]


class Finding(Walking):
    """Owns which node is selected, and what is searched."""

    BINDINGS: ClassVar[list[BindingType]] = with_ids(
        [
            Binding("slash", "search", "Find", key_display="/", tooltip="op, name, module, shape"),
            Binding("full_stop", "hit(1)", "Next hit", key_display=".", show=False),
            Binding("comma", "hit(-1)", "Previous hit", key_display=",", show=False),
            Binding("v", "switch", "View", tooltip="boxes, or one row a node"),
            Binding("z", "fold", "Fold", show=False, tooltip="or unfold the module or round here"),
            Binding("Z", "fold_all", "Fold all", show=False, tooltip="or unfold all"),
            Binding("i", "jump('inputs')", "To its input", show=False, tooltip="along the edge"),
            Binding(
                "I", "beside('inputs')", "Next input", show=False, tooltip="where it has several"
            ),
            Binding("u", "jump('users')", "To its user", show=False, tooltip="along the edge"),
            Binding(
                "U", "beside('users')", "Next user", show=False, tooltip="where it has several"
            ),
            Binding("g", "go_to", "Go to node", show=False, tooltip="by number or name"),
            Binding(
                "exclamation_mark",
                "not_finite",
                "Not finite",
                key_display="!",
                show=False,
                tooltip="to the first nan or infinite gradient",
            ),
            Binding("B", "stop_node", "Breakpoint on the node", show=False, tooltip="set or clear"),
            Binding("escape", "leave", "Leave", show=False, tooltip="search, recording, or play"),
            *(
                Binding(keys, f"move('{move}')", f"Move {move}", show=False)
                for keys, move in (
                    ("left,h", "left"),
                    ("right,l", "right"),
                    ("up,k", "up"),
                    ("down,j", "down"),
                    ("pageup", "pageup"),
                    ("pagedown", "pagedown"),
                    ("home", "home"),
                    ("end", "end"),
                )
            ),
        ]
    )

    selected: var[int | None] = var(None)
    words: var[str] = var("")
    """What is searched."""
    hits: var[tuple[int, ...]] = var(())

    graph: Graph | None = None
    """The one on the screen."""
    _jumped: tuple[int, tuple[int, ...]] | None = None
    """Where the last jump along an edge came to, and where else it could have."""
    _texts: tuple[Graph, tuple[str, ...]] | None = None
    """What is searched, and of which graph."""

    @property
    def drawing(self) -> GraphDrawing:
        """Where the graph is drawn."""
        return self.query_one(GraphDrawing)

    def on_mount(self) -> None:
        """Search as it is typed."""
        self.watch(self.query_one(SearchBar), "words", self._search, init=False)

    def action_move(self, move: Move) -> None:
        """Where the key leads in the view that is on."""
        self.selected = self.drawing.moved(move)

    def action_jump(self, ends: Ends) -> None:
        """Along an edge, to the first where there are several."""
        places = self._ends(ends)
        if places:
            self._jumped = places[0], places
            self.selected = places[0]

    def action_beside(self, ends: Ends) -> None:
        """To the next of the inputs or users one of which the last jump came to."""
        if self._jumped is None or self._jumped[0] != self.selected:
            self.action_jump(ends)
            return
        here, places = self._jumped
        following = places[(places.index(here) + 1) % len(places)]
        self._jumped = following, places
        self.selected = following

    def action_not_finite(self) -> None:
        """To where the backward pass first made something that is not finite."""
        if self.recording is None:
            return
        passed = position.passed(self.recording, self.place)
        broken = search.not_finite(passed)
        if broken:
            self.selected = broken[0]
        else:
            self.app.notify(
                "every gradient is finite" if passed else "backward has not been here yet"
            )

    @work
    async def action_go_to(self) -> None:
        """Ask for a node."""
        graph = self.graph
        if graph is None:
            return
        prompt = PromptScreen(
            "go to node",
            f"a name, or 0 to {len(graph.nodes) - 1:,}",
            lambda text: search.named(graph, text),
        )
        text = await self.app.push_screen_wait(prompt)
        if text and self.graph is graph:
            self.selected = search.named(graph, text)

    def action_switch(self) -> None:
        """Boxes or rails."""
        self.drawing.switch()

    def action_fold(self) -> None:
        """The module or round of the selected node."""
        if not self.drawing.fold():
            self.app.notify("this node is in no module and no round of a loop")

    def action_fold_all(self) -> None:
        """Every module or round."""
        if not self.drawing.fold(everything=True):
            self.app.notify("no modules and no repeated structure in this graph")

    def action_stop_node(self) -> None:
        """Set a breakpoint on nodes like the selected one, or clear it."""
        if self.graph is not None and self.selected is not None:
            self.stops = self.stops.with_node(self.graph.nodes[self.selected])

    def action_search(self) -> None:
        """Type what is searched."""
        self.query_one(SearchBar).open()

    def action_hit(self, step: int) -> None:
        """The next hit, or the previous."""
        if self.hits:
            self.selected = search.beside(self.hits, self.selected, step)

    def action_leave(self) -> None:
        """What was begun last: a recording, a search, play."""
        if not self.interrupt():
            self._leave_search(SearchLeft(keep=False))

    def watch_stops(self) -> None:
        """Other breakpoints."""
        self.show_marks()

    def watch_hits(self) -> None:
        """Other hits."""
        self.show_marks()

    def show_marks(self) -> None:
        """Hits and breakpoints on the graph, and how many hits."""
        graph = self.graph
        stops = self.stops.nodes_of(graph) if graph else frozenset()
        self.drawing.mark(Marks(frozenset(self.hits), stops))
        self._count()

    def search_again(self) -> None:
        """The graph or its gradients are others."""
        if self.words:
            self.hits = self._found()

    @on(NodeSelected)
    def _select_node(self, message: NodeSelected) -> None:
        message.stop()
        self.selected = message.node

    def _search(self, words: str) -> None:
        self.words = words
        self.hits = self._found()
        if self.hits and self.selected not in self.hits:
            self.selected = search.beside(self.hits, self.selected, 1)
        self._count()

    @on(HitWanted)
    def _walk_hits(self, message: HitWanted) -> None:
        message.stop()
        self.action_hit(message.step)

    @on(SearchLeft)
    def _leave_search(self, message: SearchLeft) -> None:
        message.stop()
        self.focus()
        if not message.keep or not self.words:
            self.query_one(SearchBar).close()
            self.words, self.hits = "", ()

    def _found(self) -> tuple[int, ...]:
        if self.graph is None or self.recording is None:
            return ()
        if self._texts is None or self._texts[0] is not self.graph:
            self._texts = self.graph, search.index(self.graph)
        passed = partial(position.passed, self.recording, self.place)
        return search.hits(self.graph, self._texts[1], passed, self.words)

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
        if self.graph is None or self.selected is None:
            return ()
        if ends == "inputs":
            return tuple(dict.fromkeys(e.source for e in self.graph.into[self.selected]))
        return tuple(dict.fromkeys(e.target for e in self.graph.out_of[self.selected]))
