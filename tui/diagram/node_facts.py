"""Collecting what is known of a node at a position: its gradient, local rules and ledger."""

from __future__ import annotations

from engine.autograd.graph import DETAILS_LIMIT, Graph, Node, NodeGradient
from engine.autograd.values import Value
from engine.ranks.drawn_reductions import Reduced
from engine.ranks.reductions import Reduction, reduction
from engine.recording.gradient_ledger import LeafLedger
from engine.rules.local_rule import LocalRule
from engine.rules.operands import in_script_words, operands, script_names
from tui.diagram.node_details import Known
from tui.script.nearby_ledger import nearby_ledger
from tui.script.player import Player
from tui.script.subject import LiveTensor, Subject


def known_of(
    player: Player, graph: Graph, node: Node, subject: Subject | None, *, ready: bool
) -> Known:
    """Return what is known of a node of the player's graph; of a live tensor's it is read now.

    `ready`: whether torch is there, without which no rule is evaluated.
    """
    large = len(graph.nodes) > DETAILS_LIMIT
    if isinstance(subject, LiveTensor):
        node, large = subject.details(node), False
    twin = player.twin
    gradient = player.arrived.get(node.id)
    rules = None if not ready else _rules(node, gradient, graph) if gradient else ()
    return Known(
        node,
        gradient,
        rules,
        _ledger(player, node),
        large,
        raised=player.backward_pass.raised == node.id,
        seconds=player.seconds,
        inputs=_inputs(node, graph) if gradient else (),
        before=None if twin is None else twin.arrived.get(node.id),
        value_before=None if twin is None else _value(node, twin.graph),
        reduction=_reduction(player, gradient),
    )


def _reduction(player: Player, gradient: NodeGradient | None) -> Reduction | None:
    if player.lens is None or not isinstance(gradient, Reduced):
        return None
    return reduction(player.lens.run, gradient.number, gradient.leaf)


def _value(node: Node, other: Graph | None) -> Value | None:
    """The output of the same node of another graph."""
    same = other is not None and node.id < len(other.nodes)
    return other.nodes[node.id].value if same and other is not None else None


def _ledger(player: Player, node: Node) -> LeafLedger | None:
    """What was added to a leaf's `.grad` and taken from it until the player's position."""
    # Inside a pass the line that runs it has not ended, so nothing of it is booked.
    done = player.position.lines - (player.position.nodes is not None)
    if player.recording is None or not node.is_leaf or not done:
        return None
    ledgers = nearby_ledger(player.recording, done - 1)
    return next((one for one in ledgers if one.name == node.name), None)


def _inputs(node: Node, graph: Graph) -> tuple[str, ...]:
    """What the script calls each input; where it has no name for one, the operation it is from."""
    titles = {edge.index: graph.nodes[edge.source].title for edge in graph.into[node.id]}
    names = operands(node, graph)
    return tuple(name or titles.get(i, f"input {i}") for i, name in enumerate(names))


def _rules(node: Node, gradient: NodeGradient, graph: Graph) -> tuple[LocalRule, ...]:
    from engine.rules.table import local_rules  # imports torch

    names = script_names(node, graph)
    return tuple(in_script_words(rule, names) for rule in local_rules(node, gradient, graph))
