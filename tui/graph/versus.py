"""What is open, beside what it was before it was changed, at the same place in both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from engine.autograd.graph import Node
from engine.recording.differences import Differences, differences
from tui.diagram.was import Was
from tui.script.compared import SAME, side
from tui.script.player import Player
from tui.script.same_place import same_place


@dataclass(frozen=True, eq=False)
class Versus:
    """A player, and the one of its original; without that nothing differs."""

    original: Player | None = None
    player: Player | None = None

    @cached_property
    def there(self) -> Player | None:
        """The original at the place that is the player's; None where there is none."""
        original, player = self.original, self.player
        if original is None or player is None or original.recording is None:
            return None
        if player.recording in (None, original.recording):
            return None
        return original.at(same_place(player, original.recording))

    @cached_property
    def differs(self) -> Differences:
        """What differs from the original there."""
        if self.there is None or self.player is None:
            return SAME
        return differences(side(self.there), side(self.player))

    def was(self, node: Node) -> Was | None:
        """Return what a node of the player's graph was, where it differs."""
        change = self.differs.node(node.id)
        if change is None or self.there is None:
            return None
        graph, run = self.there.graph, self.there.backward_pass
        if change.before is None or graph is None:
            return Was(change)
        arrived = run.gradients[: run.arrived]
        gradient = next((one for one in arrived if one.node == change.before), None)
        return Was(change, graph.nodes[change.before], gradient)
