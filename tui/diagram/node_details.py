"""Everything known of one graph node: what it computed, what it saved, what backward did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

from engine.autograd.graph import Node, NodeGradient, Saved
from engine.autograd.values import Value, plain_text, shape_text
from engine.recording.gradient_ledger import Entry, LeafLedger
from engine.rules.local_rule import INPUTS_LIMIT, LocalRule
from tui.kit.picture_view import PictureView
from tui.kit.spans import Picture, Row, Span
from tui.kit.text import duration_text, fit, safe, size_text, tail
from tui.script.value_text import short, value_lines

EVENTS = {"zeroed": "filled with zeros", "cleared": "set to None", "changed": "changed by hand"}
NOT_READ = "not read in so large a graph"
INPUT_NAMES = {1: ("input",), 2: ("left", "right")}


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


class NodeDetails(PictureView):
    """Shows one node, with its gradients as far as backward has come."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._known: Known | None = None

    def show_node(self, known: Known | None) -> None:
        """Show a node with its gradients, from the top if it is another one; None clears."""
        before, self._known = self._known, known
        width = max(self.size.width - 1, 16)
        rows = [] if known is None else list(_rows(known, width))
        self.show(Picture(width, tuple(rows)))
        if known is None or before is None or before.node.id != known.node.id:
            self.scroll_home(animate=False)

    def on_resize(self) -> None:
        """Write the node anew, since another width breaks its lines elsewhere."""
        self.show_node(self._known)


def node_heading(node: Node) -> str:
    """A leaf's name and what it is, or autograd's name of the op."""
    return f"{node.name or 'leaf'} · leaf" if node.is_leaf else node.op


def _rows(known: Known, width: int) -> Iterator[Row]:
    node, gradient = known.node, known.gradient
    yield from _facts(node, width)
    label = "value" if node.is_leaf else "output"
    if node.value is None:
        words = NOT_READ if known.large else "not kept by autograd"
        yield (Span(fit(f"{label}  {words}", width), "faint"),)
    else:
        yield from _read(label, node.value, known, width)
    if node.freed:
        yield (Span("saved tensors: freed by backward", "faint"),)
    for saved in node.saved:
        yield from _saved(saved, known, width)
    yield ()
    if gradient is not None and gradient.took is not None and known.seconds >= WORTH_SECONDS:
        share = gradient.took / known.seconds
        where = " on the GPU" if gradient.device_seconds is not None else ""
        took = f"took {duration_text(gradient.took)}{where} · {share:.1%} of the pass"
        yield (Span(fit(took, width), "faint"),)
    if known.raised:
        yield (Span("✗ backward failed here", "error"),)
    elif gradient is None:
        yield (Span("backward has not been here", "faint"),)
    elif node.is_leaf:
        yield from _leaf_gradient(gradient, width)
    else:
        yield from _gradient(gradient, known.rules, width)
    if known.ledger is not None:
        yield from _ledger(known.ledger, width)


def _saved(saved: Saved, known: Known, width: int) -> Iterator[Row]:
    """What the node has saved, or what was seen of the assignment that it stands for."""
    # Sizes that could be symbols go by names like `self_sym_sizes`.
    name = safe(saved.name.replace("_sym_", "_"))
    seen = SEEN.get(saved.name) if known.node.op == "CopySlices" else None
    label = seen or f"saved {name}"
    if isinstance(saved.content, Value):
        yield from _read(label, saved.content, known, width)
    elif saved.content is not None:
        yield (Span(fit(safe(f"{label} = {plain_text(saved.content)}"), width), "faint"),)


def _read(label: str, value: Value, known: Known, width: int) -> Iterator[Row]:
    """A tensor of the forward pass, or why there is only its shape."""
    yield from _value(label, value, "value", width)
    if not value.numbers and 0 not in value.shape:
        words = NOT_READ if known.large else "numbers of this kind cannot be read"
        yield (Span(fit(f"  {words}", width), "faint"),)


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


def _leaf_gradient(gradient: NodeGradient, width: int) -> Iterator[Row]:
    yield from _value("gradient that arrived", gradient.incoming[0], "gradient", width)
    yield from _value(".grad before", gradient.grad_before, "value", width)
    yield from _value(".grad after", gradient.grad_after, "gradient", width)


def _gradient(
    gradient: NodeGradient, rules: Sequence[LocalRule] | None, width: int
) -> Iterator[Row]:
    several = len(gradient.incoming) > 1
    for number, incoming in enumerate(gradient.incoming):
        label = f"gradient in (g) of output {number}" if several else "gradient in (g)"
        if incoming is not None:
            yield from _value(label, incoming, "gradient", width)
    by_input = {rule.input: rule for rule in rules or ()}
    without = "no rule known, as autograd made it" if rules is not None else "loading torch …"
    names = INPUT_NAMES.get(len(gradient.outgoing))
    for index, outgoing in enumerate(gradient.outgoing[:INPUTS_LIMIT]):
        if outgoing is None:
            continue
        label = names[index] if names else f"input {index}"
        rule = by_input.get(index)
        yield ()
        if rule is None:
            yield (Span(f"to {label}: {without}", "faint"),)
            yield from _value("gradient out", outgoing, "gradient", width)
        else:
            yield from _ruled(rule, label, outgoing, width)
    more = len(gradient.outgoing) - INPUTS_LIMIT
    if more > 0:
        yield ()
        yield (Span(fit(f"and {more:,} more inputs", width), "faint"),)


def _ruled(rule: LocalRule, label: str, outgoing: Value, width: int) -> Iterator[Row]:
    """A gradient out with its rule, and whether the rule is what autograd did."""
    yield (Span(f"to {label}: ", "faint"), Span(safe(rule.symbols), "op title"))
    yield from ((Span(line),) for line in wrapped("= " + rule.numbers, width))
    yield from ((Span(line, "faint"),) for line in wrapped(rule.note, width))
    yield from _value("gradient out", outgoing, "gradient", width)
    if rule.agrees:
        yield (Span("✓ as autograd", "faint"),)
    elif rule.agrees is False:
        yield (Span("✗ something else went out: by a hook?", "error"),)
        yield from _value("by the rule", rule.predicted, "error", width)


def _ledger(ledger: LeafLedger, width: int) -> Iterator[Row]:
    """Line by line what came into `.grad`, and what took it away."""
    yield ()
    title = "what happened to "
    yield (Span(title + tail(f"{safe(ledger.name)}.grad", width - cell_len(title)), "title"),)
    for entry in ledger.entries:
        yield from _entry(entry, width)
    if ledger.since_cleared > 1:
        words = f"⚠ {ledger.since_cleared} passes added up, never zeroed"
        yield from ((Span(line, "warning"),) for line in wrapped(words, width))


def _entry(entry: Entry, width: int) -> Iterator[Row]:
    where = f"line {entry.line}  "
    if entry.number is not None:
        words, value = f"pass {entry.number - 1:,} added", entry.added
    else:
        words, value = EVENTS[entry.event], None
    changes = [(mark, shown) for mark, shown in ((" ", value), (" → ", entry.after)) if shown]
    room = width - sum(map(cell_len, (where, words, *(mark for mark, _ in changes))))
    texts = [short(shown, width - 4) for _, shown in changes]
    if sum(map(cell_len, texts)) <= room:
        spans = [
            Span(mark + text, "gradient") for (mark, _), text in zip(changes, texts, strict=True)
        ]
        yield (Span(where, "faint"), Span(words), *spans)
        return
    yield (Span(where, "faint"), Span(words))
    for (mark, _), text in zip(changes, texts, strict=True):
        yield (Span(f"  {mark.strip() or '+'} ", "faint"), Span(text, "gradient"))


def _value(label: str, value: Value | None, role: str, width: int) -> Iterator[Row]:
    lines = value_lines(value, width - 2)
    if len(lines) == 1 and cell_len(label) + 2 + cell_len(lines[0]) <= width:
        yield (Span(label + "  ", "faint"), Span(lines[0], role))
        return
    yield (Span(label, "faint"),)
    for line in lines:
        yield (Span("  " + line, role),)


def wrapped(text: str, width: int) -> list[str]:
    """Break a text at its spaces, and words wider than `width` cells inside."""
    lines: list[str] = []
    for word in safe(text).split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += " " + word
        elif word:
            lines += chop_cells(word, width)
    return lines
