"""Expressions that account for themselves: symbols, numbers and result from one evaluation.

A rule is written once, as `n.g * cos(n.self)`. Over Terms that yields `g · cos(self)`, the same
with a node's numbers, and the result in double precision: what is shown is what is checked. Where
a number is missing (a big tensor, a value that was not saved) the texts still come out.

Every Term also carries how far rounding may move it: `size`, in units of rounding. A named number
counts its own magnitude, and every step adds its result's and hands on what it got times its own
slope. So a difference of nearly equal numbers has a size far above its value, as it must.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from engine.autograd.values import number_text
from engine.rules.rounding import by_slope, exact, sizes_added
from engine.rules.text import ATOM, NEGATIVE, POWER, PRODUCT, SUM, WORDS, Text, exponent, infix

Content = Any
"""A float64 or complex128 tensor, or a Python number."""
Constant = float | complex


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One expression, in symbols, in numbers and evaluated."""

    symbols: Text
    numbers: Text
    value: Content
    """The number or tensor in double precision; None where one that it needs is missing."""
    size: Content
    """Units of rounding by which the value may be off, as in |a| + |b| for a − b; real."""
    constant: Constant | None = None
    """A number that is written out in the symbols too, as an exponent."""
    note: str = ""
    complex: bool = False
    """Whether the numbers are complex, also where they are not known."""
    conjugate_of: Term | None = None
    """What this is the conjugate of, to write `aᴴ` for its transpose."""
    adjoint_of: Term | None = None
    """What this is the transposed conjugate of, which is its own."""

    def noted(self, note: str) -> Term:
        """The same with one more sentence to teach."""
        return replace(self, note=_notes(self.note, note))

    def silently(self, change: Callable[[Content], Content]) -> Term:
        """With numbers changed, by an operation without signs, behind unchanged texts."""
        if self.value is None or self.constant is not None:
            return self
        changed = change(self.value), change(self.size)
        return replace(self, value=changed[0], size=changed[1], adjoint_of=None)

    def worded(
        self,
        template: str,
        change: Callable[..., Content],
        *others: Term,
        binding: int = WORDS,
        within: int = SUM,
    ) -> Term:
        """Changed by an operation that is linear and without signs, written in words around `{}`.

        What else the change takes, as indices, comes as further Terms.
        """

        def write(a: Text, *rest: Text) -> Text:
            return Text(template.format(a.within(within), *(text.text for text in rest)), binding)

        if self.constant is not None:
            return self
        return build(
            write, change, lambda a, *rest: change(a.size, *(b.value for b in rest)), self, *others
        )

    def tensor(self) -> torch.Tensor:
        """The value as a tensor in double precision, also where it is a constant."""
        dtype = torch.complex128 if self.complex else torch.float64
        return torch.as_tensor(self.value, dtype=dtype, device="cpu")

    @property
    def mT(self) -> Term:  # noqa: N802 — torch's name
        """The Term with its last two dimensions transposed."""
        plain = self.conjugate_of
        sign, base = ("ᵀ", self) if plain is None else ("ᴴ", plain)
        term = build(
            lambda a: Text(f"{a.within(ATOM)}{sign}", POWER),
            lambda a: a.mT if plain is None else a.mH,
            lambda a: a.size.mT,
            base,
        )
        return replace(term, complex=self.complex)

    @property
    def mH(self) -> Term:  # noqa: N802 — torch's name
        """The transpose of matrices, of complex ones conjugated."""
        return self.adjoint_of or replace(self.conj.mT, adjoint_of=self)

    @property
    def conj(self) -> Term:
        """The complex conjugate; real Terms are their own."""
        if not self.complex:
            return self
        if self.constant is not None:
            return lift(self.constant.conjugate())
        term = build(
            lambda a: Text(f"conj({a.text})"),
            lambda a: torch.as_tensor(a).conj().resolve_conj(),
            lambda a: a.size,
            self,
        )
        return replace(term, conjugate_of=self, adjoint_of=None)

    def __neg__(self) -> Term:
        return build(
            lambda a: Text(f"−{a.within(PRODUCT)}", NEGATIVE),
            lambda a: -a,
            lambda a: a.size,
            self,
        )

    def __add__(self, other: Term | Constant) -> Term:
        other = lift(other)
        if other.constant == 0:
            return self
        if self.constant == 0:
            return other
        return build(infix("+", SUM, SUM, PRODUCT), lambda a, b: a + b, sizes_added, self, other)

    def __sub__(self, other: Term | Constant) -> Term:
        other = lift(other)
        if self.constant is not None and other.constant is not None:
            return lift(self.constant - other.constant)
        if other.constant == 0:
            return self
        return build(infix("−", SUM, SUM, PRODUCT), lambda a, b: a - b, sizes_added, self, other)

    def __mul__(self, other: Term | Constant) -> Term:
        other = lift(other)
        for factor, rest in ((self, other), (other, self)):
            if factor.constant == 0:
                return factor
            if factor.constant == 1:
                return rest
        return build(
            infix("·", PRODUCT, NEGATIVE, PRODUCT),
            lambda a, b: a * b,
            lambda a, b: a.size * b.size,
            self,
            other,
        )

    def __truediv__(self, other: Term | Constant) -> Term:
        other = lift(other)
        if other.constant == 1 or self.constant == 0:
            return self
        return build(
            infix("/", PRODUCT, NEGATIVE, POWER),
            lambda a, b: a / b,
            lambda a, b: a.size / abs(b.value) + abs(a.value) * b.size / abs(b.value) ** 2,
            self,
            other,
        )

    def __matmul__(self, other: Term) -> Term:
        return build(
            infix("@", PRODUCT, PRODUCT, POWER),
            matrix_product,
            lambda a, b: a.size @ b.size,
            self,
            other,
        )

    def __pow__(self, other: Term | Constant) -> Term:
        other = lift(other)
        if other.constant == 1:
            return self
        return build(
            lambda a, b: Text(a.within(ATOM) + exponent(b, other.constant), POWER),
            lambda a, b: a**b,
            by_slope(lambda a, b: a**b),
            self,
            other,
        )

    def __radd__(self, other: Constant) -> Term:
        return lift(other) + self

    def __rsub__(self, other: Constant) -> Term:
        return lift(other) - self

    def __rmul__(self, other: Constant) -> Term:
        return lift(other) * self

    def __rtruediv__(self, other: Constant) -> Term:
        return lift(other) / self

    def __gt__(self, other: Term | float) -> Term:
        return _compared(">", operator.gt, self, other)

    def __lt__(self, other: Term | float) -> Term:
        return _compared("<", operator.lt, self, other)

    def __le__(self, other: Term | float) -> Term:
        return _compared("≤", operator.le, self, other)


def lift(number: Term | Constant) -> Term:
    """A plain number as a Term; a Term as it is."""
    if isinstance(number, Term):
        return number
    if isinstance(number, complex):
        text = Text(number_text(number), SUM)
    else:
        text = Text(number_text(number), NEGATIVE if number < 0 else ATOM)
    is_complex = isinstance(number, complex)
    return Term(text, text, number, abs(number), constant=number, complex=is_complex)


def build(
    write: Callable[..., Text],
    evaluate: Callable[..., Content],
    size: Callable[..., Content],
    *terms: Term,
) -> Term:
    """A Term made of others: texts from texts, the value from values, the size from the Terms."""
    symbols = write(*(term.symbols for term in terms))
    numbers = write(*(term.numbers for term in terms))
    note = _notes(*(term.note for term in terms))
    if any(term.value is None for term in terms):
        complex_ = any(term.complex for term in terms)
        return Term(symbols, numbers, None, None, note=note, complex=complex_)
    value, moved = evaluate(*(term.value for term in terms)), size(*terms)
    if value is None:
        return Term(symbols, numbers, None, None, note=note)
    complex_ = isinstance(value, complex)
    if isinstance(value, torch.Tensor):
        complex_ = value.is_complex()
        moved = torch.as_tensor(moved, dtype=torch.float64, device="cpu").expand(value.shape)
    return Term(symbols, numbers, value, moved, note=note, complex=complex_)


def _compared(
    sign: str, holds: Callable[[Content, Content], Content], one: Term, other: Term | float
) -> Term:
    """1 where a comparison holds, 0 where not."""
    write = infix(sign, WORDS, SUM, SUM)
    return build(write, lambda a, b: holds(a, b).double(), exact, one, lift(other))


def matrix_product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """`a @ b`, also of a real and a complex matrix."""
    dtype = torch.promote_types(a.dtype, b.dtype)
    return a.to(dtype) @ b.to(dtype)


def _notes(*notes: str) -> str:
    """The notes joined by semicolons, each sentence once."""
    sentences = dict.fromkeys(part for note in notes for part in note.split("; ") if part)
    return "; ".join(sentences)
