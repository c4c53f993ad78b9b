"""Questions made from the record of a backward pass: what a node sends on, what `.grad` becomes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from engine.autograd.graph import Edge, Graph, Node, NodeGradient
from engine.autograd.values import Value, finite
from engine.rules.local_rule import LocalRule
from tui.graph.predict import answers
from tui.graph.predict.elementwise import scaled
from tui.graph.predict.misconceptions import Sent, wrong_gradients
from tui.graph.predict.question import AnswerChoice, Question, question
from tui.graph.typed_numbers import Numbers
from tui.kit.text import fit, safe

MOST = 4
"""Numbers of a tensor that is asked about."""
NAME_WIDTH = 24
"""Cells of an expression that stands for a tensor."""


def node_question(
    key: str, graph: Graph, gradient: NodeGradient, rules: Sequence[LocalRule]
) -> Question | None:
    """What to ask before backward runs a node; None with too many numbers, or where no rule holds.

    `rules` are those of the node, none while they are not known.
    """
    if any(rule.agrees is False for rule in rules):
        return None
    node = graph.nodes[gradient.node]
    incoming = [value for value in gradient.incoming if value is not None]
    g = _few(incoming[0]) if len(incoming) == 1 else None
    if g is None:
        return None
    by_input = {rule.input: rule for rule in rules}
    if node.is_leaf:
        return _leaf_question(key, node, gradient, g)
    for slot, value in enumerate(gradient.outgoing):
        out = _few(value)
        edge = next((edge for edge in graph.into[node.id] if edge.index == slot), None)
        if out is not None and edge is not None:
            return _sent_question(key, graph, node, edge, g, out, by_input.get(slot))
    return None


def _sent_question(
    key: str,
    graph: Graph,
    node: Node,
    edge: Edge,
    g: Numbers,
    out: Numbers,
    rule: LocalRule | None,
) -> Question | None:
    sent = _sent(graph, node, edge, g, out, rule)
    reason = f"the rule is {rule.symbols}" if rule is not None else "as autograd computed it"
    uses = sum(beside.source == edge.source for beside in graph.into[node.id])
    along = f" along one of its {uses} edges" if uses > 1 else ""
    asks = f"What does {sent.op} send to {sent.to}{along}?"
    wrong = wrong_gradients(sent)
    right = AnswerChoice(out, safe(reason))
    facts = (f"g = {g.text}", *_inputs(graph, node))
    return question(key, asks, right, wrong, facts=facts, node=node.id, ruled=rule is not None)


def _sent(
    graph: Graph, node: Node, edge: Edge, g: Numbers, out: Numbers, rule: LocalRule | None
) -> Sent:
    source, exponent = graph.nodes[edge.source], node.content("exponent")
    value = source.value or node.content("other" if edge.index else "self")
    own = _few(value) if edge.output == 0 and isinstance(value, Value) else None
    size = math.prod(source.shape) if source.shape is not None else len(out.numbers)
    return Sent(
        op=safe(node.title),
        to=_name(source),
        slot=edge.index,
        g=g,
        out=out,
        rule=safe(rule.symbols) if rule is not None else "",
        own=own,
        other=_other(graph, node, edge),
        result=_few(node.value),
        exponent=float(exponent) if isinstance(exponent, int | float) else None,
        count=max(size // max(len(g.numbers), 1), 1),
    )


def _other(graph: Graph, node: Node, edge: Edge) -> Numbers | None:
    """The value of the other input of two: a tensor of the graph, or a constant that was saved."""
    for beside in graph.into[node.id]:
        if beside.index != edge.index:
            return _few(graph.nodes[beside.source].value)
    content = node.content("other" if edge.index == 0 else "self")
    if isinstance(content, int | float):
        return Numbers((), (float(content),))
    return None if isinstance(content, str | tuple | complex) else _few(content)


def _inputs(graph: Graph, node: Node) -> Iterator[str]:
    """The values of what the node was computed from, and of its result."""
    seen: dict[str, Numbers | None] = {}
    for edge in graph.into[node.id][:2]:
        source = graph.nodes[edge.source]
        seen[_name(source)] = _few(source.value)
    seen[_name(node)] = _few(node.value)
    yield from (f"{name} = {value.text}" for name, value in seen.items() if value is not None)


def _leaf_question(key: str, node: Node, gradient: NodeGradient, g: Numbers) -> Question | None:
    after = _few(gradient.grad_after)
    before = _few(gradient.grad_before)
    if after is None or (before is None) != (gradient.grad_before is None):
        return None
    name = _name(node)
    there = before.text if before is not None else "None"
    why = (
        f"{name}.grad was None: now it is what arrives"
        if before is None
        else (f"backward adds what arrives to what is there: {there} + {g.text}")
    )
    value = _few(node.value)
    facts = [f"g = {g.text}", f"{name}.grad is {there}"]
    return question(
        key,
        f"What is {name}.grad after this pass?",
        AnswerChoice(after, f"{why}."),
        _wrong_grads(name, g, before, after, value),
        facts=tuple(facts),
        node=node.id,
    )


def _wrong_grads(
    name: str, g: Numbers, before: Numbers | None, after: Numbers, value: Numbers | None
) -> Iterator[AnswerChoice]:
    if before is not None:
        yield AnswerChoice(
            g, f"{name}.grad is not replaced: backward adds to it until somebody zeroes it."
        )
        yield AnswerChoice(
            before, f"That is what was there before: backward adds what arrives, {g.text}."
        )
    yield AnswerChoice("None", f"{name} is a leaf that requires grad: backward fills its .grad.")
    if before is None:
        yield AnswerChoice(
            scaled(0.0, g), f"{name}.grad was None, not 0; and then what arrives is in it."
        )
    if value is not None:
        yield AnswerChoice(
            value, f"That is {name} itself, which backward leaves as it is: the gradient is beside."
        )
    yield AnswerChoice(
        scaled(-1, after), "The minus comes with the update, w −= lr · grad, not with backward."
    )
    yield AnswerChoice(scaled(2, after), "Twice too much: what arrives is added once.")


def _few(value: Value | None) -> Numbers | None:
    """The numbers of a small tensor, all of them finite; None of any other."""
    found = answers.numbers_of(value, MOST)
    return found if found is not None and all(map(finite, found.numbers)) else None


def _name(node: Node) -> str:
    """What a tensor is called in a question: its name, else its expression, else its operation."""
    return _fitted(node.name or node.expression or node.title)


def _fitted(text: str) -> str:
    """A name or expression, safe to show, cut where it is long."""
    text = safe(text)
    return fit(text, NAME_WIDTH).rstrip() if len(text) > NAME_WIDTH else text
