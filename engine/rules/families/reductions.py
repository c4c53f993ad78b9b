"""Rules of operations that combine many elements into one, or choose among them."""

from __future__ import annotations

import math

import numpy as np
import torch

from engine.autograd.values import Value, shape_text
from engine.rules.context import Context, NoRuleError, Rules, Shape, summed_to_input
from engine.rules.functions import (
    absolute,
    average,
    call,
    condition,
    exp,
    is_zero,
    let,
    sign,
    total,
    where,
    zero_where,
)
from engine.rules.term import Term, lift
from engine.rules.text import ATOM, dims_text

OTHERS = "Π_others: for every element the product of all others"


def spread(n: Context, term: Term) -> Term:
    """A gradient of a reduction's size, handed to every element that was reduced."""
    dims = n.dims()
    if len(dims) == len(n.shape):
        ones = f"{{}} · ones[{shape_text(n.shape)}]" if n.shape else "{}"
    else:
        ones = f"{{}} repeated along {dims_text(dims)}"
    kept = n.reduced(term, said=False)
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


def _centred(n: Context) -> Term:
    own = n.saved("self")
    return own - average(own, n.dims(), len(n.shape))


def _variance(n: Context) -> Term:
    return _variance_of(n, n.reduced(n.g))


def _variance_of(n: Context, g: Term) -> Term:
    centred = _centred(n)
    return g * 2 / _degrees(n) * centred


def _deviation_of(n: Context, g: Term, result: Term) -> Term:
    centred = _centred(n)
    return zero_where(g / (result * _degrees(n)) * centred, is_zero, result, said="result = 0")


def _deviation(n: Context) -> Term:
    return _deviation_of(n, n.reduced(n.g), n.reduced(n.result))


def _mean_part(n: Context) -> Term:
    return n.reduced(n.incoming(1)) / n.count(n.dims())


def _norm(n: Context) -> Term:
    return _norm_of(n, n.saved("self"), "ord")


def _distance(n: Context) -> Term:
    """`dist`: the norm of a difference."""
    return _norm_of(n, n.saved("self") - n.saved("other"), "p")


def _difference_shape(n: Context) -> Shape:
    parts = [n.plain("self"), n.plain("other")]
    return np.broadcast_shapes(*(one.shape for one in parts if isinstance(one, Value)))


def _norm_of(n: Context, own: Term, name: str) -> Term:
    """The gradient of a p-norm of `own`; p is saved under `name`, 2 where it is not."""
    p = lift(2) if n.plain(name) is None else n.saved(name)
    g, result, order = n.reduced(n.g), n.reduced(n.saved("result")), p.constant
    if order == 0:
        return lift(0)
    if order == 1:
        return g * sign(own)
    if isinstance(order, float) and math.isinf(order):
        return _shared(n, absolute(own), result, g * sign(own), nan_wins=True, rounded=own.complex)
    if order == 2:
        term = g * own / result
    else:
        power = zero_where(absolute(own) ** (p - 1), is_zero, own, said="self = 0")
        term = g * sign(own) * power / result ** (p - 1)
    return zero_where(term, is_zero, result, said="result = 0")


def _extreme(n: Context) -> Term:
    return _shared(n, n.self, n.reduced(n.result), n.reduced(n.g))


def _any_extreme(n: Context) -> Term:
    """Of all elements: where one is nan, it is the extreme."""
    return _shared(n, n.self, n.reduced(n.result), n.reduced(n.g), nan_wins=True)


def _shared(
    n: Context,
    values: Term,
    result: Term,
    g: Term,
    *,
    nan_wins: bool = False,
    rounded: bool = False,
) -> Term:
    """The gradient to the elements that equal the result, in equal parts.

    `rounded`: the result is one of the values after rounding to its own type.
    """

    def chosen(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        same = (a - b).abs() <= 2 * n.precision * b.abs() if rounded else a == b
        return same | (a.isnan() & b.isnan()) if nan_wins else same

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
    def among_all(a: torch.Tensor) -> torch.Tensor:
        return _others(a.reshape(-1), 0).reshape(a.shape)

    others = call("Π_others", among_all, n.self, size=lambda t: among_all(t.size) * t.value.numel())
    return (n.g * others).noted(OTHERS)


def _product_along(n: Context) -> Term:
    if not n.shape:
        return n.g

    def along(a: torch.Tensor) -> torch.Tensor:
        return _others(a, n.dim())

    size = n.shape[n.dim()]
    others = call("Π_others", along, n.self, size=lambda t: along(t.size) * size)
    return (n.reduced(n.g) * others).noted(OTHERS)


def _cumulated(n: Context) -> Term:
    if not n.shape:
        return n.g
    return _from_the_end(n, n.g)


def _extremes(n: Context) -> Term:
    """`aminmax`: of both outputs."""
    parts = [
        _shared(n, n.self, n.reduced(n.saved(name)), n.reduced(n.incoming(i)))
        for i, name in enumerate(("min", "max"))
        if n.gradient.incoming[i] is not None
    ]
    return sum(parts[1:], start=parts[0])


def _present(n: Context) -> Term:
    """`nansum`: a sum that leaves out what is nan."""
    missing = condition("{} is nan", lambda a: a.isnan(), n.saved("self"))
    return where(missing, 0, n.reduced(n.g))


def _cumulated_product(n: Context) -> Term:
    """Where no element is 0; torch does the others anew."""
    if not n.shape:
        return n.g
    own = n.self
    if own.value is not None and bool((own.value == 0).any()):
        raise NoRuleError("a product without the zero")
    return _from_the_end(n, n.g * n.result) / own


def _cumulated_logarithm(n: Context) -> Term:
    if not n.shape:
        return n.g
    return exp(n.self) * _from_the_end(n, n.g * exp(-n.result))


def _from_the_end(n: Context, term: Term) -> Term:
    dim = n.dim()
    return term.worded(
        f"({{}} cumulated from the end along dim {dim})",
        lambda a: a.flip(dim).cumsum(dim).flip(dim),
        binding=ATOM,
    )


def _trace(n: Context) -> Term:
    rows, columns = n.shape
    return n.g.worded(
        "{} on the diagonal, else 0", lambda a: a * torch.eye(rows, columns, dtype=a.dtype)
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
    **{f"NormBackward{i}": lambda n: _norm_of(n, n.saved("self"), "p") for i in range(4)},
    "DistBackward0": (
        lambda n: summed_to_input(n, _distance(n), _difference_shape(n)),
        lambda n: summed_to_input(n, -_distance(n), _difference_shape(n)),
    ),
    "AminmaxBackward0": _extremes,
    "NansumBackward0": _present,
    "CumprodBackward0": _cumulated_product,
    "LogcumsumexpBackward0": _cumulated_logarithm,
    "TraceBackward0": _trace,
    "NanmedianBackward0": _any_extreme,
    "MedianBackward0": _any_extreme,
    "MaxBackward1": _any_extreme,
    "MinBackward1": _any_extreme,
    "AmaxBackward0": _extreme,
    "AminBackward0": _extreme,
}
