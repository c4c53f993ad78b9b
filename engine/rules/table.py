"""The table of rules, and the rules of one node evaluated and compared with autograd."""

from __future__ import annotations

from typing import Any

import torch

from engine.autograd.graph import Graph, Node, NodeGradient
from engine.autograd.tensor_reader import value_of
from engine.autograd.values import Value
from engine.rules.anew.recomputed import recomputed, recomputed_alike
from engine.rules.context import Context, NoRuleError, Rule, Rules
from engine.rules.families import (
    activations,
    assignment,
    complex_numbers,
    decompositions,
    elementwise,
    indexing,
    linalg,
    losses,
    normalisation,
    products,
    reductions,
    sampling,
    shapes,
    special,
)
from engine.rules.functions import real
from engine.rules.local_rule import INPUTS_LIMIT, LocalRule
from engine.rules.named import is_complex, named, tensor_of
from engine.rules.rounding import ROUNDING
from engine.rules.term import Content, Term

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
    **assignment.RULES,
    **sampling.RULES,
    **special.RULES,
    **linalg.RULES,
    **decompositions.RULES,
    **complex_numbers.RULES,
}
"""The rule of each operation by autograd's class name, or one rule for each input."""

FAILED = "the rule failed on these values"
"""The note of a rule that raised."""
OPEN = "of inf and nan the order of the steps decides, so these are not compared"
ASSUMED = {"AsStridedBackward0", "AsStridedScatterBackward0"}
"""Operations whose rule takes it that the input lies in one piece, as it mostly does."""
LAYOUT = "how the input lies in memory was not saved, so this is not checked"


def local_rules(node: Node, gradient: NodeGradient, graph: Graph) -> tuple[LocalRule, ...]:
    """One rule for each of the first inputs that got a gradient; none where there is no rule.

    Where the written rule is missing, fails or gives something else than autograd, torch computes
    the product anew: a formula does not cover every edge at which autograd had to decide.
    """
    if node.is_leaf:
        return _accumulated(node, gradient, graph)
    found: list[LocalRule] = []
    memory: dict[object, Any] = {}
    for slot, result in enumerate(gradient.outgoing[:INPUTS_LIMIT]):
        if result is not None:
            n = Context(node, gradient, graph, slot, result.shape, memory)
            rule = _rule_of(n, result)
            if rule is not None:
                found.append(rule)
    return tuple(found)


def _rule_of(n: Context, result: Value) -> LocalRule | None:
    """The written rule where it agrees or has no numbers, else the first other one that agrees."""
    written = _evaluated(_written(n), n, result)
    if written is not None and n.node.op.removesuffix("_copy") in ASSUMED and not written.agrees:
        return LocalRule(n.slot, n.node.title, "", None, result, None, LAYOUT)
    if (
        written is not None
        and (written.agrees or written.predicted is None)
        and not _failed(written)
    ):
        return written
    found = [written, *(_evaluated(again, n, result) for again in (recomputed, recomputed_alike))]
    return min((rule for rule in found if rule is not None), key=_standing, default=None)


def _standing(rule: LocalRule) -> int:
    """Of several rules one that agrees counts most, then an open one; one that failed least."""
    return 3 if _failed(rule) else {True: 0, None: 1, False: 2}[rule.agrees]


def _failed(rule: LocalRule) -> bool:
    return rule.note == FAILED


def _written(n: Context) -> Rule | None:
    """The table's rule for this input."""
    family = RULES.get(n.node.op.removesuffix("_copy"), ())
    if callable(family):
        return family
    return family[n.slot] if n.slot < len(family) else None


def _evaluated(rule: Rule | None, n: Context, result: Value) -> LocalRule | None:
    """The rule with its numbers; None where there is none or it cannot even be written."""
    if rule is None:
        return None
    try:
        return _compared(n, rule(n), result)
    except NoRuleError:
        return None
    except Exception:  # a rule must never take the view of a node down
        return LocalRule(n.slot, "rule failed", "", None, result, None, FAILED)


def _accumulated(node: Node, gradient: NodeGradient, graph: Graph) -> tuple[LocalRule, ...]:
    before, g, after = gradient.grad_before, gradient.incoming[0], gradient.grad_after
    if g is None or after is None:
        return ()
    name = f"{node.name or ''}.grad"
    if before is None:
        term = named("g", g).noted(f"{name} was empty: now it is g")
    else:
        term = (named(name, before) + named("g", g)).noted(f"added to {name}: before + g = after")
    return (_compared(Context(node, gradient, graph, 0, after.shape), term, after),)


def _compared(n: Context, term: Term, result: Value) -> LocalRule:
    slot = n.slot
    if term.complex and not is_complex(result):
        term = real(term).noted("the input is real: the imaginary part ends here")
    symbols, numbers = term.symbols.text, term.numbers.text
    actual = tensor_of(result)
    if term.value is None or actual is None:
        return LocalRule(slot, symbols, numbers, None, result, None, term.note)
    predicted = term.tensor().expand(result.shape).to(getattr(torch, result.dtype))
    agrees = _agree(predicted, actual, term.size, n)
    note = term.note if agrees is not None else term.noted(OPEN).note
    return LocalRule(slot, symbols, numbers, value_of(predicted), result, agrees, note)


def _agree(predicted: torch.Tensor, actual: torch.Tensor, size: Content, n: Context) -> bool | None:
    """Equal, both nan, or as near as rounding leaves them; None where infinities leave it open.

    Where the steps between are infinite in numbers as coarse as these, so may the result be; and
    of inf and nan among the inputs it depends on the order of the steps what comes out.
    """
    wide = torch.complex128 if predicted.is_complex() else torch.float64
    exact, actual = predicted.to(wide), actual.to(wide)
    size = torch.as_tensor(size, dtype=torch.float64).expand(exact.shape)
    scale = torch.fmax(size, exact.abs()).nan_to_num(0, 0, 0)
    tiny = torch.finfo(predicted.dtype).tiny if predicted.is_floating_point() else 0.0
    near = (exact - actual).abs() <= ROUNDING * n.precision * scale + tiny
    overflown = size.isinf() & ~actual.isfinite()
    right = near | overflown | _same(exact, actual)
    if right.all():
        return True
    open_ = ~(exact.isfinite() & actual.isfinite())
    return None if bool((right | open_).all()) and n.has_non_finite else False


def _same(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Where two tensors are equal or both nan, in each part of a complex number."""
    if a.is_complex():
        parts = _same(torch.view_as_real(a), torch.view_as_real(b))
        return parts.all(-1)
    return (a == b) | (a.isnan() & b.isnan())
