"""One node in one sentence, to be read aloud: what it receives, what it does with it, and sends."""

from __future__ import annotations

import re

from engine.autograd.graph import NodeGradient
from engine.autograd.values import Value
from engine.ranks.drawn_reductions import Reduced
from engine.rules.local_rule import LocalRule
from tui.diagram.node_details import Known
from tui.kit.text import safe
from tui.script.value_text import short

WIDTH = 40
"""Longer numbers are told by their shape and range."""
LEAST_INPUTS = 3
"""Of a node with more inputs only the first are told."""

_TIMES = re.compile(r"g · (?P<by>.+)")
_OVER = re.compile(r"g / (?P<by>\S+|\((?!.*\) · \().+\))")
_TO_EVERY = re.compile(r"g(?: / (?P<by>\S+))? · ones\[.+\]")
"""What a mean or a sum does: every element that was reduced gets the same."""


def sentence(known: Known) -> str:
    """Return what a node does in the forward pass, and once backward was there, in backward."""
    node, gradient = known.node, known.gradient
    name = safe(node.title)
    if known.raised:
        return f"{name} is where backward failed"
    if gradient is None:
        return _forward(known)
    if node.is_leaf:
        return _leaf(name, gradient)
    if isinstance(gradient, Reduced):
        return _reduction(gradient)
    given = [value for value in gradient.incoming if value is not None]
    received = " and ".join(_text(value) for value in given) or "nothing"
    sent = [(i, value) for i, value in enumerate(gradient.outgoing[:LEAST_INPUTS]) if value]
    if known.rules is None or not sent:
        return f"{name} receives {received}"
    rules = {rule.input: rule for rule in known.rules}
    done = [_sent(rules.get(i), _input(known, i), value) for i, value in sent]
    more = len(gradient.outgoing) - LEAST_INPUTS
    rest = f", and to {more:,} more inputs" if more > 0 else ""
    return f"{name} receives {received}, {'; '.join(done)}{rest}"


def _forward(known: Known) -> str:
    node = known.node
    name, value = safe(node.title), node.value and _text(node.value)
    if node.is_leaf:
        return f"{name} is a leaf" + (f": {value}" if value else "")
    made = safe(node.expression or node.op)
    return f"{name} computes {made}" + (f" = {value}" if value else "")


def _leaf(name: str, gradient: NodeGradient) -> str:
    arrived, before, after = gradient.incoming[0], gradient.grad_before, gradient.grad_after
    received = f"{name} receives {_text(arrived)}" if arrived else f"{name} receives nothing"
    if after is None:
        return received
    if before is None:
        return f"{received}: {name}.grad was None, and is that now"
    return f"{received}, added to {name}.grad: {_text(before)} becomes {_text(after)}"


def _reduction(gradient: Reduced) -> str:
    own = gradient.incoming[gradient.ranks.index(gradient.rank)]
    mine = f" {_text(own)}" if own else ""
    if not gradient.reducer:
        stays = f"stays in {safe(gradient.leaf)}.grad: nothing reduced it in this pass"
        return f"rank {gradient.rank}'s own gradient{mine} {stays}"
    words = f"rank {gradient.rank}'s own gradient{mine} goes into the all-reduce with the others"
    if gradient.grad_after is None:
        return words
    made = f"their {gradient.operation} {_text(gradient.grad_after)}"
    return f"{words}, and {made} becomes {safe(gradient.leaf)}.grad on every rank"


def _sent(rule: LocalRule | None, to: str, value: Value) -> str:
    return f"{_does(rule)} and sends {_text(value)} to {to}"


def _does(rule: LocalRule | None) -> str:
    """What is done with what came in, in a verb."""
    symbols = safe(rule.symbols) if rule else ""
    if symbols == "g":
        return "passes it on unchanged"
    if symbols == "−g":
        return "turns its sign"
    if found := _TO_EVERY.fullmatch(symbols):
        by = found["by"]
        return f"divides by {by} for every element" if by else "hands it to every element"
    for pattern, verb in ((_TIMES, "multiplies by"), (_OVER, "divides by")):
        found = pattern.fullmatch(symbols)
        if found and not re.search(r"[−+/] |\bg\b", found["by"]):
            return f"{verb} {found['by']}"
    return f"computes {symbols}" if symbols else "does its part"


def _input(known: Known, index: int) -> str:
    return safe(known.inputs[index]) if index < len(known.inputs) else f"input {index}"


def _text(value: Value) -> str:
    return short(value, WIDTH)
