"""The headings of the source and of the graph: where in the recording and in backward one is."""

from __future__ import annotations

from engine.recording.records import Recording
from tui.kit.text import safe
from tui.script.passes.pass_words import of_passes, variables_text
from tui.script.player import Player
from tui.script.windows import PassWindow, skipped, thinned, total, variables_at


def source_title(title: str, player: Player) -> str:
    """Return the safe title of what is open, with the file that is shown where it is another.

    Of a run of several ranks the one that is shown comes first: it is never to be overlooked.
    """
    if player.lens is not None:
        title = f"{player.lens.words} · {title}"
    files = player.recording.files if player.recording else ()
    if not 0 < player.file < len(files):
        return title
    return f"{title} · {safe(files[player.file].name)}"


def source_heading(player: Player, going_on: str = "") -> str:
    """Return pass and step of the recording; else what is `going_on`, in words."""
    recording, window = player.recording, player.window
    if recording is None or window is None:
        return going_on
    passes = total(recording)
    if passes < 2:
        return going_on or _steps(player)
    steps = _ahead(player) or _steps(player, window if thinned(recording) else None)
    parts = (
        _pass(recording, window, passes),
        variables_text(variables_at(recording, player.position.lines)),
        going_on or steps,
    )
    return " · ".join(filter(None, parts))


def graph_heading(player: Player, *, too_large: bool) -> tuple[str, str]:
    """Return the root of the graph, and how many nodes of its backward pass have run."""
    graph = player.graph
    if graph is None:
        return "graph", ""
    root = graph.nodes[graph.roots[0]]
    title = f"graph of {safe(root.name or root.title)}"
    if player.lens is not None:
        title += f" · {player.lens.short_words}"
    if too_large:
        title += f" · {len(graph.nodes):,} nodes, no room for boxes"
    run = player.backward_pass
    if run.raised is not None:
        return title, f"backward, node {run.arrived + 1} of {len(graph.nodes)}, failed"
    return title, f"backward, node {run.arrived} of {len(run.gradients)}" if run.arrived else ""


def _pass(recording: Recording, window: PassWindow, passes: int) -> str:
    """The number of the pass, from 0, and of how many."""
    running = recording.ending == "running"
    if window.number < passes or running:
        return of_passes(window.number, passes, running=running)
    if recording.error is not None:
        return f"pass {window.number:,}, which failed"
    return f"after pass {passes - 1:,} of {passes:,}"


def _steps(player: Player, window: PassWindow | None = None) -> str:
    """How many lines of the recording, or of a window of it, lie behind."""
    first, end = 0, len(player.recording.moments) if player.recording else 0
    if window is not None:
        first, end = window.first, window.end
    last = " · the end" if player.at_end else ""
    return f"step {player.position.lines - first} of {end - first}{last}"


def _ahead(player: Player) -> str:
    """The passes that the next step leaves out."""
    gap = skipped(player.recording, player.position.lines) if player.recording else None
    if gap is None:
        return ""
    first, last = gap
    return f"no lines of {first:,}" if first == last else f"no lines of {first:,} to {last:,}"
