"""Everything known of one graph node: what it computed, what it saved, what backward did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.graph import Node, NodeGradient
from engine.rules import LocalRule
from engine.values import Value, plain_text, shape_text
from tui.drawing.numbers import value_lines
from tui.drawing.picture import Picture, Span
from tui.text import fit, safe
from tui.widgets.picture_view import PictureView

INPUT_NAMES = {1: ("input",), 2: ("left", "right")}


class NodeDetails(PictureView):
    """Shows one node, with its gradients as far as backward has come."""

    def show_node(
        self, node: Node | None, gradient: NodeGradient | None, rules: Sequence[LocalRule]
    ) -> None:
        """Another node, or the same one further on; None clears."""
        width = max(self.size.width - 1, 16)
        rows = [] if node is None else list(_rows(node, gradient, rules, width))
        self.show(Picture(width, tuple(rows)))
        self.scroll_home(animate=False)


def node_heading(node: Node) -> str:
    """A leaf's name and what it is, or autograd's name of the op."""
    return f"{node.name or 'leaf'} · leaf" if node.is_leaf else node.op


Row = tuple[Span, ...]


def _rows(
    node: Node, gradient: NodeGradient | None, rules: Sequence[LocalRule], width: int
) -> Iterator[Row]:
    if node.expression:
        where = f"   line {node.line}" if node.line else ""
        yield (Span(fit(safe(node.expression), width - len(where)), "expression"),
               Span(where, "faint"))  # fmt: skip
    facts = [shape_text(node.shape or ()), node.dtype or "", node.device or ""]
    yield (Span(" · ".join(fact for fact in facts if fact), "faint"),)
    if node.module:
        yield (Span(fit(safe(node.module), width), "faint"),)
    yield from _value("value" if node.is_leaf else "output", node.value, "value", width)
    if node.freed:
        yield (Span("saved tensors: freed by backward", "faint"),)
    for saved in node.saved:
        if isinstance(saved.content, Value):
            yield from _value(f"saved {saved.name}", saved.content, "value", width)
        elif saved.content is not None:
            text = f"saved {saved.name} = {plain_text(saved.content)}"
            yield (Span(fit(safe(text), width), "faint"),)
    yield ()
    if gradient is None:
        yield (Span("backward has not been here", "faint"),)
    elif node.is_leaf:
        yield from _leaf_gradient(gradient, width)
    else:
        yield from _gradient(gradient, rules, width)


def _leaf_gradient(gradient: NodeGradient, width: int) -> Iterator[Row]:
    yield from _value("gradient that arrived", gradient.incoming[0], "gradient", width)
    yield from _value(".grad before", gradient.grad_before, "value", width)
    yield from _value(".grad after", gradient.grad_after, "gradient", width)


def _gradient(gradient: NodeGradient, rules: Sequence[LocalRule], width: int) -> Iterator[Row]:
    for incoming in gradient.incoming:
        yield from _value("gradient in (g)", incoming, "gradient", width)
    by_input = {rule.input: rule for rule in rules}
    names = INPUT_NAMES.get(len(gradient.outgoing))
    for index, outgoing in enumerate(gradient.outgoing):
        if outgoing is None:
            continue
        label = names[index] if names else f"input {index}"
        yield ()
        rule = by_input.get(index)
        if rule is None:
            yield (Span(f"to {label}: no rule known, as measured", "faint"),)
        else:
            yield (Span(f"to {label}: ", "faint"), Span(rule.symbols, "op title"))
            yield from ((Span(line),) for line in _wrap("= " + rule.numbers, width))
            yield from ((Span(line, "faint"),) for line in _wrap(rule.note, width))
        yield from _value("gradient out", outgoing, "gradient", width)


def _value(label: str, value: Value | None, role: str, width: int) -> Iterator[Row]:
    lines = value_lines(value, width - 2)
    if len(lines) == 1 and len(label) + 2 + len(lines[0]) <= width:
        yield (Span(label + "  ", "faint"), Span(lines[0], role))
        return
    yield (Span(label, "faint"),)
    for line in lines:
        yield (Span("  " + line, role),)


def _wrap(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in safe(text).split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        elif word:
            lines.append(word)
    return lines
