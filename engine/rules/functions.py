"""The functions of Terms that rules are written with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from engine.autograd.tensor_reader import value_of
from engine.rules.context import Context
from engine.rules.named import named
from engine.rules.rounding import by_slope, exact
from engine.rules.term import Content, Term, build, lift
from engine.rules.text import POWER, PRODUCT, SUM, WORDS, Text, dims_text, infix


def let(name: str, term: Term, note: str = "") -> Term:
    """A short name for a longer expression, with its numbers worked out."""
    numbers = Text(name)
    if term.value is not None:
        numbers = named(name, value_of(term.value)).numbers
    return replace(term, symbols=Text(name), numbers=numbers).noted(note)


def call(
    name: str,
    function: Callable[..., torch.Tensor],
    *terms: Term,
    size: Callable[..., Content] | None = None,
) -> Term:
    """An element-wise function of Terms: `cos(self)`.

    `size` is for those that are computed from larger numbers than their result and slope show.
    """

    def write(*texts: Text) -> Text:
        return Text(f"{name}({', '.join(text.text for text in texts)})")

    def evaluate(*_: Content) -> torch.Tensor:
        return function(*(term.tensor() for term in terms))

    return build(write, evaluate, size or by_slope(function), *terms)


def exp(term: Term) -> Term:
    """The exponential function of every element, written `exp(…)`."""
    return call("exp", lambda a: a.exp(), term)


def ln(term: Term) -> Term:
    """The natural logarithm of every element, written `ln(…)`."""
    return call("ln", lambda a: a.log(), term)


def root(term: Term) -> Term:
    """The square root of every element, written `√(…)`."""
    return call("√", lambda a: a.sqrt(), term)


def sin(term: Term) -> Term:
    """The sine of every element, in radians."""
    return call("sin", lambda a: a.sin(), term)


def cos(term: Term) -> Term:
    """The cosine of every element, in radians."""
    return call("cos", lambda a: a.cos(), term)


def tanh(term: Term) -> Term:
    """The hyperbolic tangent of every element."""
    return call("tanh", lambda a: a.tanh(), term)


def sigmoid(term: Term) -> Term:
    """The logistic function of every element, written `σ(…)`."""
    return call("σ", lambda a: a.sigmoid(), term)


def sign(term: Term) -> Term:
    """The sign of every element: −1, 0 or 1; of a complex number z / |z|."""
    return call("sign", lambda a: a.sgn(), term)


def real(term: Term) -> Term:
    """The real part of every element, written `Re(…)`; a real Term is its own."""
    return _complex_part("Re", lambda a: a.real, term) if term.complex else term


def imaginary(term: Term) -> Term:
    """The imaginary part of every element, written `Im(…)`; 0 of a real Term."""
    return _complex_part("Im", lambda a: a.imag, term) if term.complex else lift(0)


def _complex_part(name: str, part: Callable[[torch.Tensor], torch.Tensor], term: Term) -> Term:
    return build(
        lambda a: Text(f"{name}({a.text})"),
        lambda _: part(term.tensor()),
        lambda a: torch.as_tensor(a.size),
        term,
    )


def absolute(term: Term) -> Term:
    """The absolute value of every element, written `abs(…)`."""
    return call("abs", lambda a: a.abs(), term)


def outer(a: Term, b: Term) -> Term:
    """The outer product of two vectors."""
    return build(
        infix("⊗", PRODUCT, PRODUCT, POWER),
        lambda a, b: a.outer(b),
        lambda a, b: a.size.outer(b.size),
        a,
        b,
    )


def joined(dim: int, *terms: Term) -> Term:
    """Terms put one after the other along a dimension, written `[a; b] along dim 1`."""
    return build(
        lambda *texts: Text(f"[{'; '.join(text.text for text in texts)}] along dim {dim}", WORDS),
        lambda *contents: torch.cat(contents, dim),
        lambda *parts: torch.cat([part.size for part in parts], dim),
        *terms,
    )


def total(term: Term, dims: tuple[int, ...], rank: int) -> Term:
    """Summed over some of `rank` dimensions, which stay with size 1: `Σ(g · result, dim 1)`."""
    return _over("Σ", lambda a: a.sum(dims, keepdim=True), dims, rank, term)


def average(term: Term, dims: tuple[int, ...], rank: int) -> Term:
    """The mean over some of `rank` dimensions, which stay with size 1."""
    return _over("mean", lambda a: a.mean(dims, keepdim=True), dims, rank, term)


def condition(template: str, test: Callable[..., Content], *terms: Term | float) -> Term:
    """A truth value for each element, 1 or 0, for `where`."""
    return build(
        lambda *texts: Text(template.format(*(text.within(SUM) for text in texts)), WORDS),
        lambda *contents: test(*contents).double(),
        exact,
        *map(lift, terms),
    )


def zero_where(term: Term, test: Callable[..., torch.Tensor], *terms: Term, said: str = "") -> Term:
    """With zeros where the test of the terms' tensors holds, which the note has to say."""
    term = term.noted(f"0 where {said}") if said else term
    if any(one.value is None for one in terms):
        return term
    excluded = test(*(one.tensor() for one in terms))
    return term.silently(lambda a: a.masked_fill(excluded, 0))


def is_zero(a: torch.Tensor) -> torch.Tensor:
    """Where a tensor is 0, for `zero_where`."""
    return a == 0


def total_besides(n: Context, term: Term, inner: tuple[int, ...]) -> Term:
    """Summed over all dimensions of `g` but the inner ones, as for a bias."""
    rank = len(n.g_shape)
    dims = tuple(i for i in range(rank) if i not in inner)
    return total(term, dims, rank).silently(lambda a: a.reshape(n.shape)) if dims else term


def where(test: Term, then: Term | float, otherwise: Term | float) -> Term:
    """An element-wise choice, written `then where test, else otherwise`."""

    def choose(test: Content, then: Content, otherwise: Content) -> Content:
        return torch.where(test.bool(), then, otherwise)

    return build(
        lambda a, b, c: Text(f"{b.within(SUM)} where {a.text}, else {c.within(SUM)}", WORDS),
        choose,
        lambda a, b, c: choose(a.value, b.size, c.size),
        test,
        lift(then),
        lift(otherwise),
    )


def _over(
    name: str,
    reduce: Callable[[Content], Content],
    dims: tuple[int, ...],
    rank: int,
    term: Term,
) -> Term:
    along = "" if len(dims) == rank else f", {dims_text(dims)}"
    return build(lambda a: Text(f"{name}({a.text}{along})"), reduce, lambda a: reduce(a.size), term)
