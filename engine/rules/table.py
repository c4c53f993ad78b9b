"""The table of rules, and the rules of one node evaluated and compared with autograd."""

from __future__ import annotations

import torch

from engine.autograd.graph import Graph, Node, NodeGradient
from engine.autograd.tensor_reader import value_of
from engine.autograd.values import Value
from engine.rules import (
    activations,
    elementwise,
    indexing,
    losses,
    normalisation,
    products,
    reductions,
    shapes,
)
from engine.rules.context import Context, NoRuleError, Rules
from engine.rules.local_rule import LocalRule
from engine.rules.term import Content, Term, named, tensor_of

RULES: Rules = {
    **elementwise.UNARY,
    **elementwise.BINARY,
    **activations.RULES,
    **reductions.RULES,
    **products.RULES,
    **shapes.RULES,
    **indexing.RULES,
    **losses.RULES,
    **normalisation.RULES,
}
"""The rule of each operation by autograd's class name, or one rule for each input."""

ROUNDING = 64
"""The tolerance of a comparison, in units of rounding of the largest intermediate number."""


def local_rules(node: Node, gradient: NodeGradient, graph: Graph) -> tuple[LocalRule, ...]:
    """One rule for every input that got a gradient; none for an operation without a rule."""
    if node.is_leaf:
        return _accumulated(node, gradient)
    family = RULES.get(node.op, ())
    found = []
    for slot, result in enumerate(gradient.outgoing):
        rule = family if callable(family) else family[slot] if slot < len(family) else None
        if rule is None or result is None:
            continue
        try:
            term = rule(Context(node, gradient, graph, slot, result.shape))
        except NoRuleError:
            continue
        found.append(_compared(slot, term, result))
    return tuple(found)


def _accumulated(node: Node, gradient: NodeGradient) -> tuple[LocalRule, ...]:
    before, g, after = gradient.grad_before, gradient.incoming[0], gradient.grad_after
    if g is None or after is None:
        return ()
    name = f"{node.name or ''}.grad"
    if before is None:
        return (_compared(0, named("g", g).noted(f"{name} was empty: now it is g"), after),)
    term = named(name, before) + named("g", g)
    return (_compared(0, term.noted(f"added to {name}: before + g = after"), after),)


def _compared(slot: int, term: Term, result: Value) -> LocalRule:
    symbols, numbers = term.symbols.text, term.numbers.text
    actual = tensor_of(result)
    if term.value is None or actual is None:
        return LocalRule(slot, symbols, numbers, None, result, None, term.note)
    predicted = term.tensor().expand(result.shape).to(getattr(torch, result.dtype))
    agrees = _agree(predicted, actual, term.size)
    return LocalRule(slot, symbols, numbers, value_of(predicted), result, agrees, term.note)


def _agree(predicted: torch.Tensor, actual: torch.Tensor, size: Content) -> bool:
    """Equal, both nan, or as near as rounding in the gradient's own type leaves them."""
    precision = torch.finfo(predicted.dtype)
    exact = predicted.double()
    scale = torch.as_tensor(size, dtype=torch.float64).expand(exact.shape)
    scale = torch.fmax(scale, exact.abs()).nan_to_num(0, 0, 0)
    near = (exact - actual).abs() <= ROUNDING * precision.eps * scale + precision.tiny
    same = (exact == actual) | (exact.isnan() & actual.isnan())
    return bool((near | same).all())
