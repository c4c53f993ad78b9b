"""The gradient of any function of PyTorch, computed anew by torch from what a node has saved.

Where no formula would help a learner, or none is written, a node can still be checked: its function
is known by name (`derivatives`), its `arguments` are what was saved, so the vector–Jacobian product
is computed once more in double precision. Computed in single precision, too, it shows how much
rounding moves it: by so much autograd may differ.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch.utils import _pytree as pytree

from engine.autograd.values import plain_text
from engine.rules.anew.arguments import Arguments
from engine.rules.anew.derivatives import Derivative, derivatives
from engine.rules.anew.vector_jacobian import DOUBLE, SINGLE, Call, Types, gradient
from engine.rules.context import Context, NoRuleError, Rule
from engine.rules.named import named
from engine.rules.term import Content, Term, build
from engine.rules.text import PRODUCT, WORDS, Text

ANEW = "computed anew by torch in double precision, of what was saved"
ALIKE = "computed anew by torch, of what was saved and in autograd's own precision, which decides"
FORMULA_LIMIT = 90
"""Longer formulas of PyTorch's are not quoted."""


def recomputed(n: Context) -> Term:
    """The gradient of one input, computed anew; raises NoRuleError where that cannot be."""
    return _recomputed(n, DOUBLE, ANEW)


def recomputed_alike(n: Context) -> Term:
    """The same in the precision in which autograd computed.

    Where a function jumps, as from one nearest pixel to the next, or its steps overflow, that
    decides.
    """
    kind = n.coarsest.to_real()
    wide = kind is torch.float64
    coarse = {torch.float64: kind, torch.complex128: torch.complex128 if wide else torch.complex64}
    return _recomputed(n, coarse, ALIKE)


def _recomputed(n: Context, types: Types, note: str) -> Term:
    derivative = derivatives().get(n.node.op.removesuffix("_copy"))
    if derivative is None:
        raise NoRuleError(n.node.op)
    operator = getattr(getattr(torch.ops.aten, derivative.op), derivative.overload)
    drawn = torch.Tag.nondeterministic_seeded in operator.tags
    if drawn and not any(n.plain(name) == 0 for name in ("dropout", "dropout_p")):
        raise NoRuleError("the random numbers that it drew")
    arguments = Arguments(n, derivative, operator._schema)
    incoming = enumerate(n.gradient.incoming)
    grads = [None if g is None else named(f"g{i}", g) for i, g in incoming]
    if len(grads) == 1:
        grads = [n.g]
    call = Call(operator, derivative.op, arguments, grads)
    text = _call_text(derivative, call)
    return _product(n, call, text, types).noted(_note(note, derivative, call.arguments.wanted[0]))


def worded_anew(template: str, note: str = "") -> Rule:
    """A rule in words around `{}`, the gradient; its numbers are computed anew."""

    def rule(n: Context) -> Term:
        g = n.g

        def said(text: Text) -> Text:
            return Text(template.format(text.within(PRODUCT)), WORDS)

        term = recomputed(n)
        told = replace(term, symbols=said(g.symbols), numbers=said(g.numbers), note=note)
        return told.noted(ANEW)

    return rule


def _product(n: Context, call: Call, text: str, types: Types) -> Term:
    """The vector–Jacobian product as a Term, with how far rounding moves it."""
    used = [g for g in call.grads if g is not None]
    terms = used + [t for t in pytree.tree_leaves(call.arguments.given) if isinstance(t, Term)]

    def write(*texts: Text) -> Text:
        ahead = ", ".join(text.within(PRODUCT) for text in texts[: len(used)])
        return Text(f"{ahead if len(used) == 1 else f'({ahead})'} · {text}", PRODUCT)

    if any(term.value is None for term in terms):
        return build(write, _nothing, _nothing, *terms)
    double = gradient(n, call, types)
    try:
        moved = (double - gradient(n, call, SINGLE)).abs() / torch.finfo(torch.float32).eps
    except RuntimeError:  # there is no such function in single precision
        moved = torch.zeros(double.shape, dtype=torch.float64)
    finite = double.abs().nan_to_num(0, 0, 0)
    size = torch.fmax(moved, finite.max() if finite.numel() else finite)
    return build(write, lambda *_: double, lambda *_: size, *terms)


def _nothing(*_: Content) -> None:
    return None


def _call_text(derivative: Derivative, call: Call) -> str:
    """The derivative by names, with what else counts: `∂cdist(x1, x2, p=2) / ∂x1`."""
    parts = []
    for name, content in call.arguments.given.items():
        if isinstance(content, Term | list):
            parts.append(name)
        elif isinstance(content, bool | int | float | complex | str | tuple):
            parts.append(f"{name}={plain_text(content)}")
    name, place = call.arguments.wanted
    at = "" if place is None else f"[{place}]"
    return f"∂{derivative.op.lstrip('_')}({', '.join(parts)}) / ∂{name}{at}"


def _note(note: str, derivative: Derivative, name: str) -> str:
    formula = derivative.formulas[name]
    return note if len(formula) > FORMULA_LIMIT else f"{note}; PyTorch's own formula: {formula}"
