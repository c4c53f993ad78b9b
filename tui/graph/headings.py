"""The headings of the source and of the graph: where in the recording and in backward one is."""

from __future__ import annotations

from tui.graph.player import Player
from tui.kit.text import safe


def source_heading(player: Player, *, awaited: bool) -> str:
    """Return the step of the recording; while it is `awaited`, that it is being recorded."""
    recording = player.recording
    if recording is None:
        return "recording …  escape stops it" if awaited else ""
    end = " · the end" if player.at_end else ""
    return f"step {player.position.lines} of {len(recording.moments)}{end}"


def graph_heading(player: Player, *, too_large: bool) -> tuple[str, str]:
    """Return the root of the graph, and how many nodes of its backward pass have run."""
    graph = player.graph
    if graph is None:
        return "graph", ""
    root = graph.nodes[graph.roots[0]]
    title = f"graph of {safe(root.name or root.title)}"
    if too_large:
        title += f" · {len(graph.nodes):,} nodes, too large for boxes"
    run = player.backward_pass
    return title, f"backward, node {run.arrived} of {len(run.gradients)}" if run.arrived else ""
