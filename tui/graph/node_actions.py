"""What keys do with the selected node: what it costs, what if it were another, breakpoints."""

from __future__ import annotations

from textual.widget import Widget

from tui.graph.advice_dialog import show_advice
from tui.graph.costs_dialog import ask_costs
from tui.graph.graph_widget import GraphWidget
from tui.graph.subjects.opener import Opener
from tui.graph.what_if.what_if import WhatIf


class NodeActions:
    """The actions of `graph_keys.NODE_KEYS`, each a method of its name; `pane` has the keys."""

    def __init__(self, opener: Opener, what_if: WhatIf, pane: Widget) -> None:
        self._opener, self._what_if, self._pane = opener, what_if, pane

    @property
    def _graph(self) -> GraphWidget:
        return self._pane.query_one(GraphWidget)

    def advice(self) -> None:
        """Show all that is wrong with the run, and the whole of what was raised."""
        show_advice(self._pane.app, self._opener.state.recording)

    def costs(self) -> None:
        """Show what the pass keeps in memory and how long it takes; go to what is chosen."""
        self._pane.run_worker(self._go_to_costly())

    def what_if(self) -> None:
        """Ask for another gradient into the selected node, and show what follows from it."""
        self._pane.run_worker(self._what_if.ask())

    def nudge(self, sign: int) -> None:
        """Add ε to an element of the selected leaf, or with -1 take it away."""
        self._what_if.nudge(sign)

    def aim(self) -> None:
        """Ask which element of the leaf is nudged, and by how much."""
        self._pane.run_worker(self._what_if.take_aim())

    def undo(self) -> None:
        """Go back to the original of what is supposed, and to where it stood."""
        self._what_if.undo()

    def node_breakpoint(self) -> None:
        """Set a breakpoint on nodes like the selected one, or clear it."""
        node = self._graph.node
        if node is not None:
            self._opener.go(self._opener.state.player.with_node_breakpoint(node))

    async def _go_to_costly(self) -> None:
        player = self._opener.state.player
        node = await ask_costs(self._pane.app, player.graph, player.backward_pass)
        if node is not None and self._opener.state.player.graph is player.graph:
            self._graph.selected = node
