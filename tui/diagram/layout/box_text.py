"""What is written in a node's box, in several amounts of detail.

Lines for a gradient that is still to come are there from the start, blank, so that nothing
moves when it arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from rich.cells import cell_len

from engine.autograd.graph import Graph, Node, NodeGradient
from engine.autograd.values import Value, shape_text
from tui.diagram.layout import reduction_text
from tui.diagram.layout.boxes import Box, BoxLine, kind_of
from tui.kit.text import fit, safe, tail
from tui.script.value_text import brief, short, whole_lines

Detail = Literal["large", "full", "values", "narrow", "compact", "title"]
"""`large` has air around it, `narrow` trades width for height, `title` is a single line."""

ASKED = "g × ?"
"""What a node sends on, in the room of its gradient."""
WIDTHS: dict[Detail, int] = {
    "large": 32,
    "full": 24,
    "values": 14,
    "narrow": 8,
    "compact": 14,
    "title": 14,
}
"""At most so many columns of text."""
GHOSTS: tuple[Detail, ...] = ("large", "full", "values")
"""Where there is room for what a gradient was."""
WAS = "was "


def boxes(
    graph: Graph,
    gradients: Mapping[int, NodeGradient],
    arrived: int,
    detail: Detail,
    *,
    asked: int | None = None,
    before: Mapping[int, NodeGradient] | None = None,
) -> list[Box]:
    """Return a box for every node; of the gradients, in order, the first `arrived` are there.

    Where the one that comes next is `asked` for, there is a question mark. Those that were others
    `before` something was changed are there with what they were.
    """
    there = set(list(gradients)[:arrived])
    drawn = []
    for node in graph.nodes:
        gradient, was = gradients.get(node.id), (before or {}).get(node.id)
        lines = _lines(graph, node, gradient, was, node.id in there, detail)
        drawn.append(Box(node.id, tuple(_asked(node, lines) if node.id == asked else lines)))
    return drawn


def _asked(node: Node, lines: list[BoxLine]) -> list[BoxLine]:
    """With a question mark in the blank room of a gradient."""
    written = [line.text for line in lines if line.text.strip()]
    margin = min(len(text) - len(text.lstrip()) for text in written)
    room = max(map(cell_len, written)) - margin
    mark = "∂ ?" if node.is_leaf or cell_len(ASKED) > room else ASKED
    place = next((i for i, line in enumerate(lines) if line.role == "gradient"), None)
    if place is not None and not lines[place].text.strip():
        lines[place] = BoxLine("gradient", " " * margin + mark)
    return lines


def title(node: Node) -> str:
    """Return a leaf's name; an op's, and the variable that holds its result: `Mean → out`."""
    if node.is_leaf or not node.name:
        return safe(node.title)
    return f"{safe(node.title)} → {safe(node.name)}"


def _lines(
    graph: Graph,
    node: Node,
    gradient: NodeGradient | None,
    was: NodeGradient | None,
    arrived: bool,
    detail: Detail,
) -> list[BoxLine]:
    width = WIDTHS[detail]
    kind = kind_of(graph, node.id)
    if kind == "reduction":
        return _reduction_lines(node, gradient, arrived, detail)
    named = [tail(title(node), width)] if node.is_leaf else _titles(node, width, detail)
    lines = [BoxLine(f"{kind} title", line) for line in named]
    if detail == "title":
        return lines
    if detail == "compact":
        what = f"leaf {shape_text(node.shape or ())}" if node.is_leaf else None
        return [*lines, BoxLine("faint", what or shape_text(node.shape or ()))]
    if detail in ("large", "full"):
        what = "leaf" if node.is_leaf else safe(node.expression or node.op)
        lines.append(BoxLine("expression", _cut(what, width)))
    lines += [BoxLine("value", text) for text in _value(node.value, node.shape, width)]
    if gradient is not None:
        rows = _gradient(node, gradient, width - 2)
        texts = [f"{'∂' if i == 0 else ' '} {row}" for i, row in enumerate(rows)]
        lines += [BoxLine("gradient", text if arrived else " " * cell_len(text)) for text in texts]
    if gradient is not None and was is not None and detail in GHOSTS:
        lines += _ghost(node, gradient, was, arrived, width)
    return _airy(lines) if detail == "large" else lines


def _airy(lines: list[BoxLine]) -> list[BoxLine]:
    """With blanks on both sides, above and below, and between the title and all else."""
    blank = BoxLine("", "")
    padded = [BoxLine(line.role, f"  {line.text}  ") for line in lines]
    return [blank, padded[0], blank, *padded[1:], blank]


def _reduction_lines(
    node: Node, gradient: NodeGradient | None, arrived: bool, detail: Detail
) -> list[BoxLine]:
    """The lines of an all-reduce: what goes in is written in every amount of detail."""
    titled = BoxLine("reduction title", safe(node.title))
    if detail not in GHOSTS:  # its width is not more for its numbers
        width = cell_len(titled.text)
        return [titled, *reduction_text.stacked_lines(gradient, arrived, width)]
    below = reduction_text.named_lines(
        node, gradient, arrived, WIDTHS[detail], expression=detail != "values"
    )
    return _airy([titled, *below]) if detail == "large" else [titled, *below]


def _titles(node: Node, width: int, detail: Detail) -> list[str]:
    """An op, and the variable that holds its result; on two lines where the box is narrow."""
    texts = [title(node)]
    if detail == "narrow" and node.name:
        texts = [safe(node.title), f"→ {safe(node.name)}"]
    return [_cut(text, width) for text in texts]


def _ghost(
    node: Node, gradient: NodeGradient, was: NodeGradient, arrived: bool, width: int
) -> list[BoxLine]:
    """What its gradient was before something was changed; blank until it arrives."""
    rows = _gradient(node, was, width - 2)
    if rows == _gradient(node, gradient, width - 2):
        return []
    one = len(rows) == 1 and cell_len(WAS + rows[0]) <= width
    texts = [WAS + rows[0]] if one else [WAS.strip(), *(f"  {row}" for row in rows)]
    return [BoxLine("ghost", text if arrived else " " * cell_len(text)) for text in texts]


def _gradient(node: Node, gradient: NodeGradient, width: int) -> list[str]:
    """Its numbers, else what size they are of: the shape is known already."""
    value = gradient.grad_after if node.is_leaf else next(iter(gradient.incoming), None)
    texts = _value(value, node.shape, width)
    if value is not None and texts == [shape_text(value.shape)]:
        return [brief(value, width) or texts[0]]
    return texts


def _value(value: Value | None, shape: tuple[int, ...] | None, width: int) -> list[str]:
    if value is None:
        return [shape_text(shape or ())]
    for digits in (3, 2):
        lines = whole_lines(value, width, digits, brackets="")
        if lines is not None and len(lines) <= 3:
            return lines
    return [short(value, width, digits=3)]


def _cut(text: str, width: int) -> str:
    return fit(text, min(width, cell_len(text)))
