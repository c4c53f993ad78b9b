"""Rules of operations that combine many elements into one, or choose among them."""

from __future__ import annotations

import math

import torch

from engine.autograd.values import shape_text
from engine.rules.context import Context, Rules
from engine.rules.functions import absolute, average, call, condition, exp, let, sign, total, where
from engine.rules.term import Term, lift
from engine.rules.text import dims_text

OTHERS = "Π_others: for every element the product of all others"


def spread(n: Context, term: Term) -> Term:
    """A gradient of a reduction's size, handed to every element that was reduced."""
    dims = n.dims()
    if len(dims) == len(n.shape):
        ones = f"{{}} · ones[{shape_text(n.shape)}]" if n.shape else "{}"
    else:
        ones = f"{{}} repeated along {dims_text(dims)}"
    kept = n.reduced(term)
    return kept.worded(ones, lambda a: a.expand(n.shape)).noted(
        "every element gets the same gradient"
        if len(dims) == len(n.shape)
        else f"every element along {dims_text(dims)} gets the same gradient"
    )


def _mean(n: Context) -> Term:
    return spread(n, n.g / n.count(n.dims()))


def _degrees(n: Context) -> int:
    """Elements minus Bessel's correction, which is 1 by default."""
    correction = n.plain("correction")
    return n.count(n.dims()) - (correction if isinstance(correction, int) else 1)


def _variance(n: Context) -> Term:
    return _variance_of(n, n.reduced(n.g))


def _variance_of(n: Context, g: Term) -> Term:
    centred = n.self - average(n.self, n.dims(), len(n.shape))
    return g * 2 / _degrees(n) * centred


def _deviation_of(n: Context, g: Term, result: Term) -> Term:
    centred = n.self - average(n.self, n.dims(), len(n.shape))
    return _zero_at(g / (result * _degrees(n)) * centred, result).noted("0 where result = 0")


def _deviation(n: Context) -> Term:
    return _deviation_of(n, n.reduced(n.g), n.reduced(n.result))


def _mean_part(n: Context) -> Term:
    return n.reduced(n.incoming(1)) / n.count(n.dims())


def _norm(n: Context) -> Term:
    g, result, order = n.reduced(n.g), n.reduced(n.result), n.ord.constant
    if order == 0:
        return lift(0)
    if order == 1:
        return g * sign(n.self)
    if order is not None and math.isinf(order):
        return _shared(n, absolute(n.self), result, g * sign(n.self), nan_wins=True)
    if order == 2:
        term = g * n.self / result
    else:
        power = absolute(n.self) ** (n.ord - 1)
        term = g * sign(n.self) * power / result ** (n.ord - 1)
    return _zero_at(_zero_at(term, result), n.self).noted("0 where result = 0")


def _zero_at(term: Term, divisor: Term) -> Term:
    if divisor.value is None:
        return term
    return term.silently(lambda a: a.masked_fill(divisor.value == 0, 0))


def _extreme(n: Context) -> Term:
    return _shared(n, n.self, n.reduced(n.result), n.reduced(n.g))


def _any_extreme(n: Context) -> Term:
    """Of all elements: where one is nan, it is the extreme."""
    return _shared(n, n.self, n.reduced(n.result), n.reduced(n.g), nan_wins=True)


def _shared(n: Context, values: Term, result: Term, g: Term, *, nan_wins: bool = False) -> Term:
    """The gradient to the elements that equal the result, in equal parts."""

    def chosen(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return (a == b) | (a.isnan() & b.isnan()) if nan_wins else a == b

    winners = condition("{} = {}", chosen, values, result)
    ties = let("ties", total(winners, n.dims(), len(n.shape)))
    shared = ties.value is not None and bool((ties.value != 1).any())
    whole = where(winners, g, 0)
    return (whole / ties if shared else whole).noted("equal elements share the gradient")


def _others(a: torch.Tensor, dim: int) -> torch.Tensor:
    """For every element the product of all others along a dimension; exact where some are 0."""
    moved = a.movedim(dim, -1)
    size = moved.shape[-1]
    own = torch.eye(size, dtype=torch.bool)
    rest = moved.unsqueeze(-2).expand(*moved.shape[:-1], size, size).masked_fill(own, 1)
    return rest.prod(-1).movedim(-1, dim)


def _product(n: Context) -> Term:
    others = call("Π_others", lambda a: _others(a.reshape(-1), 0).reshape(a.shape), n.self)
    return (n.g * others).noted(OTHERS)


def _product_along(n: Context) -> Term:
    if not n.shape:
        return n.g
    others = call("Π_others", lambda a: _others(a, n.dim()), n.self)
    return (n.reduced(n.g) * others).noted(OTHERS)


def _cumulated(n: Context) -> Term:
    if not n.shape:
        return n.g
    dim = n.dim()
    return n.g.worded(
        f"{{}} cumulated from the end along dim {dim}",
        lambda a: a.flip(dim).cumsum(dim).flip(dim),
    )


RULES: Rules = {
    "SumBackward0": lambda n: spread(n, n.g),
    "SumBackward1": lambda n: spread(n, n.g),
    "MeanBackward0": _mean,
    "MeanBackward1": _mean,
    "VarBackward0": _variance,
    "VarMeanBackward0": lambda n: _variance_of(n, n.reduced(n.incoming(0))) + _mean_part(n),
    "StdBackward0": _deviation,
    "StdMeanBackward0": lambda n: (
        _deviation_of(n, n.reduced(n.incoming(0)), n.reduced(n.result0)) + _mean_part(n)
    ),
    "LogsumexpBackward0": lambda n: n.reduced(n.g) * exp(n.self - n.reduced(n.result)),
    "ProdBackward0": _product,
    "ProdBackward1": _product_along,
    "CumsumBackward0": _cumulated,
    "LinalgVectorNormBackward0": _norm,
    "MedianBackward0": _any_extreme,
    "MaxBackward1": _any_extreme,
    "MinBackward1": _any_extreme,
    "AmaxBackward0": _extreme,
    "AminBackward0": _extreme,
}
