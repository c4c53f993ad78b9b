"""Showing a Player in the widgets of the Graph tab, each only where something differs for it."""

from __future__ import annotations

from engine.ranks.drawn_reductions import Reduced
from engine.recording.differences import node_pairs
from tui.graph.main_column import MainColumn
from tui.graph.side_panel import SidePanel
from tui.graph.versus import Versus
from tui.script.player import Player
from tui.script.subject import Script, Subject


class Display:
    """Shows a Player's line and graph in one widget, its node and tensors in another."""

    def __init__(self, main: MainColumn, side: SidePanel) -> None:
        self._main, self._side = main, side
        self.versus = Versus()
        """What is shown, compared with what it was before it was changed."""

    def show(
        self,
        before: Player,
        player: Player,
        subject: Subject | None,
        original: Player | None = None,
    ) -> None:
        """Show what differs: the recording, the position in it, or the breakpoints.

        `subject` is what is recorded, where that is the user's own; `original` what was open
        before it was changed: what differs from that is marked.
        """
        self.versus = Versus(original, player)
        if player.breakpoints != before.breakpoints:
            self._main.show_line_breakpoints(player)
        if player.recording is not before.recording:
            if player.recording is None:
                self._main.show_source("")
            self._show_position(player, subject, stays=self._stays(before, player))
        elif player.position != before.position:
            inside = before.position.nodes is not None
            ended = inside and player.position == before.finish().position
            self._show_position(player, subject, after_last=ended)
        elif player.breakpoints != before.breakpoints:
            self._main.graph_widget.mark_breakpoints(player.node_breakpoints)
        elif player.lens != before.lens:
            self.show_node(player, subject)

    def show_node(self, player: Player, subject: Subject | None) -> None:
        """Show what is known of the selected node."""
        node = self._main.graph_widget.node
        # Of what is supposed every gradient has its ghost beside it.
        aside = node is None or player.beside is not None
        was = None if node is None or aside else self.versus.was(node)
        self._main.tell(self._side.show_node(player, node, subject, was))
        self._main.mark_made(player, node)

    def _stays(self, before: Player, player: Player) -> int | None:
        """The node that stays selected: in the same graph, or the same node of another rank."""
        selected = self._main.graph_widget.selected
        if before.recording is None or selected is None:
            return None
        if player.graph is before.graph and player.position == before.position:
            return selected  # only more has come behind it
        turned = player.lens and before.lens and player.lens.rank != before.lens.rank
        if not turned or player.graph is None or before.graph is None:
            return None
        return node_pairs(before.graph, player.graph).get(selected)

    def _show_position(
        self,
        player: Player,
        subject: Subject | None,
        *,
        after_last: bool = False,
        stays: int | None = None,
    ) -> None:
        """Show where it is, with the node selected that `stays`, if one does."""
        selected = stays
        if selected is None:
            selected = _selected(player, subject, after_last=after_last)
        self._main.show_position(player, selected, self.versus.differs)
        self._side.show_scope(player.scope, self.versus.differs)
        self.show_node(player, subject)


def _selected(player: Player, subject: Subject | None, *, after_last: bool) -> int | None:
    """The node that backward has just run, else the one asked for, else the root.

    After a pass of several ranks it is the last all-reduce: what the ranks have made of it.
    """
    graph, latest = player.graph, player.latest_node(after_last=after_last)
    if graph is None or latest is not None:
        return latest
    wanted = subject.tensor if isinstance(subject, Script) else None
    named = (node.id for node in graph.nodes if wanted and node.name == wanted)
    return next(named, _last_reduction(player) or graph.roots[0])


def _last_reduction(player: Player) -> int | None:
    """The last all-reduce of a pass that has ended; None where there is none."""
    run = player.backward_pass
    if player.lens is None or run.arrived < len(run.gradients):
        return None
    reduced = (one.node for one in reversed(run.gradients) if isinstance(one, Reduced))
    return next(reduced, None)
