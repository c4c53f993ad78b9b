"""Everything known of one graph node: what it computed, what it saved, what backward did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from engine.autograd.graph import Node, NodeGradient, Saved
from engine.autograd.values import Value, plain_text, shape_text
from engine.ranks.drawn_reductions import Reduced, is_reduction
from engine.ranks.reductions import Reduction
from engine.recording.gradient_ledger import LeafLedger
from engine.rules.local_rule import LocalRule
from tui.diagram.node_gradients import (
    Room,
    compared_rows,
    gradient_rows,
    leaf_rows,
    ledger_rows,
)
from tui.diagram.rank_sides import RankSide, side_rows
from tui.diagram.reduction_rows import reduction_rows
from tui.diagram.was import Was, was_rows
from tui.kit.picture_view import PictureView
from tui.kit.spans import Picture, Row, Span
from tui.kit.text import duration_text, fit, safe, size_text, tail

NOT_READ = "not read in so large a graph"
FEW_ROWS = 9
"""With fewer rows values stand on one line each, and nothing is left blank."""
INPUT_PLACES = {1: ("input",), 2: ("left", "right")}


SEEN = {"by": "written by", "operand": "with", "written": "positions written"}
"""Labels of what was not saved by autograd but seen when a part of a tensor was written."""
WORTH_BYTES = 1_000
"""What a node keeps is said from so many bytes on."""
WORTH_SECONDS = 0.02
"""What it takes is said where all of the pass takes so long."""


class Known(NamedTuple):
    """What is known of a node at a position of the recording."""

    node: Node
    gradient: NodeGradient | None = None
    """None where backward has not been."""
    rules: Sequence[LocalRule] | None = ()
    """None while they cannot be evaluated yet."""
    ledger: LeafLedger | None = None
    """For a leaf, what came into its `.grad` and went."""
    large: bool = False
    """Whether its graph is so large that not all numbers were read."""
    raised: bool = False
    """Whether it is where the backward pass has failed."""
    seconds: float = 0.0
    """What all nodes of the pass took, as far as it has come."""
    inputs: Sequence[str] = ()
    """What each input is called, in the script's words where it has some."""
    was: Was | None = None
    """What differs from the original, where the script has been changed."""
    before: NodeGradient | None = None
    """Its gradients before something was changed, where they are compared."""
    value_before: Value | None = None
    """Its output before that; None where that is not known or nothing was changed."""
    reduction: Reduction | None = None
    """Of an all-reduce that was drawn, what all ranks know of it."""
    sides: Sequence[RankSide] = ()
    """The same node on every rank, where all are looked at."""


class NodeDetails(PictureView):
    """Shows one node, with its gradients as far as backward has come."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._known: Known | None = None

    def show_node(self, known: Known | None) -> None:
        """Show a node with its gradients, from the top if it is another one; None clears."""
        before, self._known = self._known, known
        width, height = max(self.size.width - 1, 16), self.size.height
        rows = [] if known is None else _fitting(known, width, height)
        self.show(Picture(width, tuple(rows)))
        if known is None or before is None or before.node.id != known.node.id:
            self.scroll_home(animate=False)

    def on_resize(self) -> None:
        """Write the node anew, since another width breaks its lines elsewhere."""
        self.show_node(self._known)


def node_heading(node: Node) -> str:
    """A leaf's name and what it is, autograd's name of the op, or what a reduction fills."""
    if is_reduction(node):
        return f"{node.op} → {node.name}"
    return f"{node.name or 'leaf'} · leaf" if node.is_leaf else node.op


def _fitting(known: Known, width: int, height: int) -> list[Row]:
    """All rows, with long tensors on one line each where the rule would be out of view else."""
    room = Room(width, tight=height < FEW_ROWS)
    if is_reduction(known.node):
        gradient = known.gradient if isinstance(known.gradient, Reduced) else None
        return list(reduction_rows(known.node, gradient, known.reduction, room))
    first = list(_backward(known, room))
    if len(first) > height:
        room = Room(width, tight=True)
        first = list(_backward(known, room))
    beside = list(side_rows(known.sides, width))
    return [*beside, *first, *_rest(known, room)]


def _backward(known: Known, room: Room) -> Iterator[Row]:
    """What backward did, once it was there; it comes first."""
    gradient = known.gradient
    yield from was_rows(known.was, room.width)
    if known.raised:
        yield (Span("✗ backward failed here", "error"),)
    elif gradient is not None:
        was = known.before or gradient
        if known.node.is_leaf:
            yield from leaf_rows(gradient, was, room)
        else:
            yield from gradient_rows(gradient, was, known.rules, _input_names(known), room)


def _rest(known: Known, room: Room) -> Iterator[Row]:
    """What is known from the forward pass, what the node took, and a leaf's ledger."""
    node, gradient = known.node, known.gradient
    if known.raised or gradient is not None:
        yield ()
    yield from _facts(node, room.width)
    yield from _forward(known, room)
    if gradient is None and not known.raised:
        yield ()
        yield (Span("backward has not been here", "faint"),)
    elif gradient is not None and gradient.took is not None and known.seconds >= WORTH_SECONDS:
        share = gradient.took / known.seconds
        where = " on the GPU" if gradient.device_seconds is not None else ""
        took = f"took {duration_text(gradient.took)}{where} · {share:.1%} of the pass"
        yield (Span(fit(took, room.width), "faint"),)
    if known.ledger is not None:
        yield from ledger_rows(known.ledger, room.width)


def _input_names(known: Known) -> list[str]:
    """What each input is called; of one that has no name, or whose name is not its own, where."""
    count = len(known.gradient.outgoing) if known.gradient else 0
    places = INPUT_PLACES.get(count) or [f"input {index}" for index in range(count)]
    names = list(known.inputs[:count])
    names += places[len(names) :]
    return [
        f"{name} ({place})" if names.count(name) > 1 and name != place else name
        for name, place in zip(names, places, strict=True)
    ]


def _forward(known: Known, room: Room) -> Iterator[Row]:
    """The value that the node computed, and what it has saved for backward."""
    node = known.node
    label = "value" if node.is_leaf else "output"
    if node.value is None:
        words = NOT_READ if known.large else "not kept by autograd"
        yield (Span(fit(f"{label}  {words}", room.width), "faint"),)
    else:
        yield from _read(label, node.value, known, room, known.value_before)
    if node.freed:
        yield (Span("saved tensors: freed by backward", "faint"),)
    for saved in node.saved:
        yield from _saved(saved, known, room)


def _saved(saved: Saved, known: Known, room: Room) -> Iterator[Row]:
    """What the node has saved, or what was seen of the assignment that it stands for."""
    # Sizes that could be symbols go by names like `self_sym_sizes`.
    name = safe(saved.name.replace("_sym_", "_"))
    seen = SEEN.get(saved.name) if known.node.op == "CopySlices" else None
    label = seen or f"saved {name}"
    if isinstance(saved.content, Value):
        yield from _read(label, saved.content, known, room)
    elif saved.content is not None:
        yield (Span(fit(safe(f"{label} = {plain_text(saved.content)}"), room.width), "faint"),)


def _read(
    label: str, value: Value, known: Known, room: Room, was: Value | None = None
) -> Iterator[Row]:
    """A tensor of the forward pass, or why there is only its shape."""
    yield from compared_rows(label, value, was or value, "value", room)
    if not value.numbers and 0 not in value.shape:
        words = NOT_READ if known.large else "numbers of this kind cannot be read"
        yield (Span(fit(f"  {words}", room.width), "faint"),)


def _facts(node: Node, width: int) -> Iterator[Row]:
    """Where it comes from and what it is."""
    if node.expression:
        yield from _made_by(node, node.expression, width)
    facts = [shape_text(node.shape or ()), node.dtype or "", node.device or ""]
    yield (Span(safe(" · ".join(fact for fact in facts if fact)), "faint"),)
    if node.module:
        yield (Span(fit(f"in {safe(node.module)}", width), "faint"),)
    if (node.keeps or 0) >= WORTH_BYTES:
        yield (Span(fit(_kept(node), width), "faint"),)


def _kept(node: Node) -> str:
    """What the node keeps in memory for backward, and who holds other things that it saved."""
    words = f"keeps {size_text(node.keeps or 0)} for backward"
    if node.held_by:
        words += f" · {', '.join(map(safe, node.held_by))} held anyway"
    return words


def _made_by(node: Node, expression: str, width: int) -> Iterator[Row]:
    """The expression with its line, and the lines of the project that led there, nearest first."""
    if node.file is not None:
        where = tail(safe(f"{node.file}:{node.line}"), width // 2)
        text = fit(safe(expression), width - cell_len(where) - 2)
        yield (Span(where + "  ", "faint"), Span(text, "expression"))
    else:
        where = f"   line {node.line}" if node.line else ""
        text = fit(safe(expression), width - cell_len(where))
        yield (Span(text, "expression"), Span(where, "faint"))
    for caller in reversed(node.callers):
        yield (Span(fit(f"  from {safe(caller)}", width), "faint"),)
