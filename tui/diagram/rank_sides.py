"""One node of the graph on every rank, side by side: its value, and the rank's own gradient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from engine.autograd.graph import Graph, Node, NodeGradient
from engine.autograd.values import Value
from engine.ranks.averages import norm
from engine.ranks.drawn_reductions import with_reductions
from engine.recording.differences import node_pairs, same_value
from engine.recording.records import Recording
from tui.diagram.layout.reduction_text import in_room
from tui.kit.spans import Row, Span
from tui.kit.text import fit
from tui.script.beside import counterpart
from tui.script.few_ranks import few_ranks
from tui.script.player import Player
from tui.script.position import Position
from tui.script.same_place import same_place
from tui.script.windows import window_here

DIFFERS = "≠"
GAP = 2


class RankSide(NamedTuple):
    """A node on one rank."""

    rank: int
    own: bool = False
    """Whether that is the rank that is shown."""
    value: Value | None = None
    gradient: Value | None = None
    """What arrived at it; None where backward has not been there."""
    why: str = ""
    """Why there is nothing of it."""


def sides_of(player: Player, graph: Graph, node: Node) -> tuple[RankSide, ...]:
    """Return a node of a player's graph on every rank, where that has come to the same position."""
    lens = player.lens
    if lens is None:
        return ()
    found = []
    for rank in lens.run.present:
        if rank == lens.rank:
            found.append(_side(rank, player, node.id, own=True))
            continue
        recording = with_reductions(lens.run, rank)
        there = None if recording is None else _place(player, recording)
        if there is None:
            found.append(RankSide(rank, why="is not here"))
            continue
        other = Player(recording, there, lens=lens)
        same = node_pairs(graph, other.graph).get(node.id) if other.graph else None
        if same is None:
            found.append(RankSide(rank, why="has no such node"))
        else:
            found.append(_side(rank, other, same))
    return tuple(found)


def _place(player: Player, other: Recording) -> Position | None:
    """The same place on another rank, or where the two went different ways in this pass."""
    if player.recording is None or not other.moments:
        return None
    there = counterpart(player.recording, player.position, other)
    if there is not None:
        return there
    near = same_place(player, other)
    here, window = player.window, window_here(other, near.lines)
    same = here is not None and window is not None and here.number == window.number
    return near if same else None


def awaited(player: Player, node: Node) -> tuple[RankSide, ...]:
    """Return what there is of a node while the recordings of the other ranks are read."""
    lens = player.lens
    if lens is None or not lens.every:
        return ()
    return tuple(
        _side(rank, player, node.id, own=True) if rank == lens.rank else RankSide(rank, why="…")
        for rank in lens.run.present
    )


def _side(rank: int, player: Player, node: int, *, own: bool = False) -> RankSide:
    run, graph = player.backward_pass, player.graph
    gradient = next((one for one in run.gradients[: run.arrived] if one.node == node), None)
    value = graph.nodes[node].value if graph else None
    return RankSide(rank, own, value, _arrived(gradient))


def _arrived(gradient: NodeGradient | None) -> Value | None:
    values = gradient.incoming if gradient else ()
    return next((value for value in values if value is not None), None)


def side_rows(sides: Sequence[RankSide], width: int) -> Iterator[Row]:
    """Return a table of ranks; what differs from the rank that is shown is marked."""
    if not sides:
        return
    chosen = _chosen(sides)
    label_width = max(4, *(cell_len(_label(side, word)) for side, word in chosen))
    room = max((width - label_width - 2 * GAP - 2) // 2, 6)
    head = f"{'rank':<{label_width}}{' ' * GAP}{'value':<{room}}{' ' * GAP}gradient"
    yield (Span(fit(head, width).rstrip(), "faint"),)
    own = next((side for side in sides if side.own), None)
    for side, word in chosen:
        yield _row(side, own, _label(side, word), label_width, room)
    if len(chosen) < len(sides):
        yield (Span(f"and {len(sides) - len(chosen):,} ranks between them", "faint"),)
    yield ()


def _row(side: RankSide, own: RankSide | None, label: str, label_width: int, room: int) -> Row:
    label = f"{label:<{label_width}}{' ' * GAP}"
    if side.why:
        return Span(label, "faint"), Span(side.why, "warning")
    value_differs = own is not None and not same_value(side.value, own.value)
    gradient_differs = own is not None and not same_value(side.gradient, own.gradient)
    return (
        Span(label, "title" if side.own else "faint"),
        *_cell(side.value, room, "value", differs=value_differs),
        Span(" " * (GAP - 1)),
        *_cell(side.gradient, room, "gradient", differs=gradient_differs),
    )


def _cell(value: Value | None, room: int, role: str, *, differs: bool) -> Row:
    text = "–" if value is None else in_room(value, room, 4)
    mark = f" {DIFFERS}" if differs else ""
    blank = room + 1 - cell_len(text) - len(mark)
    shown = Span(text, role if value is not None else "faint")
    return shown, Span(mark, "changed"), Span(" " * max(blank, 0))


def _label(side: RankSide, word: str) -> str:
    return f"{side.rank:,} {word}" if word else f"{side.rank:,}"


def _chosen(sides: Sequence[RankSide]) -> list[tuple[RankSide, str]]:
    """The ranks that are written, in order, with a word for those that stand for others."""
    by_rank = {side.rank: side for side in sides}
    measured = {rank: side.gradient or side.value for rank, side in by_rank.items()}
    sizes = {rank: norm(value) for rank, value in measured.items() if value is not None}
    own = next((side.rank for side in sides if side.own), -1)
    return [(by_rank[rank], word) for rank, word in few_ranks(list(by_rank), sizes, own).items()]
