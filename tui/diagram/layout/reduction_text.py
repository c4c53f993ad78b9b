"""What is written of an all-reduce: the gradients of the ranks that go in, and what comes out."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from rich.cells import cell_len

from engine.autograd.graph import Node, NodeGradient
from engine.autograd.values import Value, number_text, shape_text
from engine.ranks.averages import norm
from engine.ranks.drawn_reductions import Reduced
from tui.diagram.layout.boxes import BoxLine
from tui.kit.text import fit, safe
from tui.script.few_ranks import few_ranks
from tui.script.value_text import brief, short

NAMED = 4
"""Up to so many ranks are written one by one; of more the largest and the least."""
UNKNOWN = "?"


class Part(NamedTuple):
    """A gradient that goes in, or what comes out."""

    label: str
    value: Value | None
    what: Literal["own", "other", "made"]
    """Whether it is of the rank that is shown, or of another one, or what comes out."""


def parts(reduced: Reduced) -> list[Part]:
    """Return what goes in rank by rank, or of many the extremes, and last what comes out."""
    values = dict(zip(reduced.ranks, reduced.incoming, strict=True))
    sizes = {rank: norm(value) for rank, value in values.items() if value is not None}
    found = [
        Part(
            f"{word} {rank}" if word else f"rank {rank}",
            values[rank],
            "own" if rank == reduced.rank else "other",
        )
        for rank, word in few_ranks(reduced.ranks, sizes, reduced.rank, NAMED).items()
    ]
    made = reduced.operation if reduced.reducer else "alone"
    return [*found, Part(made, reduced.grad_after, "made")]


def box_lines(
    node: Node,
    gradient: NodeGradient | None,
    arrived: bool,
    width: int,
    *,
    named: bool,
    expression: bool,
) -> list[BoxLine]:
    """Return the lines of a box below its title; blank where backward has not been there.

    Where ranks are not `named` only their gradients are written.
    """
    lines = []
    if expression:
        text = safe(node.expression or "over all ranks")
        lines.append(BoxLine("expression", fit(text, min(width, cell_len(text)))))
    if not isinstance(gradient, Reduced):
        return [*lines, BoxLine("faint", shape_text(node.shape or ()))]
    found = parts(gradient)
    label_width = max(len(part.label) for part in found)
    for part in found:
        text = f"{part.label:<{label_width}} "
        if not named:
            text = "→ " if part.what == "made" else "  "
        text += in_room(part.value, max(width - len(text), 4))
        text = text if arrived else " " * cell_len(text)
        lines.append(BoxLine("gradient title" if part.what == "made" else "gradient", text))
    return lines


def one_line(node: Node, gradient: NodeGradient | None, arrived: bool, width: int) -> BoxLine:
    """Return the same in one line, `-.18 -.86 → -.52`; blank where backward has not been there."""
    if not isinstance(gradient, Reduced):
        return BoxLine("faint", shape_text(node.shape or ()))
    text = _flow(gradient, width)
    return BoxLine("gradient", text if arrived else " " * cell_len(text))


def _flow(reduced: Reduced, width: int) -> str:
    values, after = [value for value in reduced.incoming if value is not None], reduced.grad_after
    for write in (in_room, _rough):
        made = "" if after is None else f" → {write(after, width // 2)}"
        text = " ".join(write(value, width) for value in values) + made
        if cell_len(text) <= width:
            return text
    return fit(f"{len(values)} gradients{made}", width).rstrip()


def going_in(reduced: Reduced, width: int) -> str:
    """Return all gradients that go in on one line; empty where they do not fit."""
    values = [value for value in reduced.incoming if value is not None]
    for write in (in_room, _rough):
        text = " ".join(write(value, width) for value in values)
        if cell_len(text) <= width:
            return text
    return fit(f"{len(values)} gradients", width).rstrip()


def in_room(value: Value | None, width: int, digits: int = 3) -> str:
    """Return a tensor on one line: its numbers, else their range; `?` where it is not known."""
    if value is None:
        return UNKNOWN
    if len(value.numbers) == 1 and value.whole:  # its brackets say nothing here
        texts = [number_text(value.numbers[0], count) for count in (digits, 3, 2)]
        return next((text for text in texts if cell_len(text) <= width), _rough(value, width))
    text = short(value, width, digits)
    return (brief(value, width) or text) if text == shape_text(value.shape) else text


def _rough(value: Value, width: int) -> str:
    if len(value.numbers) != 1 or not value.whole:
        return in_room(value, width)
    return re.sub(r"\b0\.", ".", number_text(value.numbers[0], 2))
