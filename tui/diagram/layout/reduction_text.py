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
STACKED = 3
"""Lines of a small box: two gradients, and what comes out."""
UNKNOWN = "?"


class RankPart(NamedTuple):
    """A gradient that goes in, or what comes out."""

    label: str
    value: Value | None
    what: Literal["own", "other", "made"]
    """Whether it is of the rank that is shown, or of another one, or what comes out."""


def parts(reduced: Reduced, most: int) -> list[RankPart]:
    """Return what goes in rank by rank, or of many the extremes, and last what comes out."""
    values = dict(zip(reduced.ranks, reduced.incoming, strict=True))
    sizes = {rank: norm(value) for rank, value in values.items() if value is not None}
    found = [
        RankPart(
            f"{word} {rank}" if word else f"rank {rank}",
            values[rank],
            "own" if rank == reduced.rank else "other",
        )
        for rank, word in few_ranks(reduced.ranks, sizes, reduced.rank, most).items()
    ]
    made = reduced.operation if reduced.reducer else "alone"
    return [*found, RankPart(made, reduced.grad_after, "made")]


def named_lines(
    node: Node, gradient: NodeGradient | None, arrived: bool, width: int, *, expression: bool
) -> list[BoxLine]:
    """Return the lines of a box below its title, rank by rank."""
    lines = []
    if expression:
        text = safe(node.expression or "over all ranks")
        lines.append(BoxLine("expression", fit(text, min(width, cell_len(text)))))
    if not isinstance(gradient, Reduced):
        return [*lines, BoxLine("faint", shape_text(node.shape or ()))]
    found = parts(gradient, NAMED)
    label_width = max(len(part.label) for part in found)
    for part in found:
        label = f"{part.label:<{label_width}} "
        lines.append(_line(part, label, max(width - len(label), 4), arrived))
    return lines


def stacked_lines(gradient: NodeGradient | None, arrived: bool, width: int) -> list[BoxLine]:
    """Return the same in little width, in as many lines for any number of ranks.

    So much room there is also before anything is known of them.
    """
    found = parts(gradient, STACKED - 1) if isinstance(gradient, Reduced) else []
    lines = [
        _line(part, "→ " if part.what == "made" else "  ", width - 2, arrived)
        for part in (*found[: STACKED - 1], *found[-1:])
    ]
    return [*[BoxLine("", "")] * (STACKED - len(lines)), *lines]


def _line(part: RankPart, label: str, width: int, arrived: bool) -> BoxLine:
    """A line of a box; blank where backward has not been there."""
    text = label + in_room(part.value, width)
    role = "gradient title" if part.what == "made" else "gradient"
    return BoxLine(role, text if arrived else " " * cell_len(text))


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
