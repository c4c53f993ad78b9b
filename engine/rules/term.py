"""Expressions that account for themselves: symbols, numbers and result from one evaluation.

A rule is written once, as `n.g * cos(n.self)`. Over Terms that yields `g · cos(self)`, the same
with a node's numbers, and the float64 result: what is shown is what is checked. Where a number
is missing (a big tensor, a value that was not saved) the texts still come out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from engine.autograd.values import Value, number_text, shape_text, value_text
from engine.rules.text import ATOM, NEGATIVE, POWER, PRODUCT, SUM, WORDS, Text, exponent, infix

TEXT_LIMIT = 48
"""Longer numbers are abbreviated by shape: `self[50×1]`."""

Content = Any
"""A float64 tensor, or a Python number."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One expression, in symbols, in numbers and evaluated."""

    symbols: Text
    numbers: Text
    value: Content
    """The number or tensor in float64; None where one that it needs is missing."""
    size: Content
    """Like `value` without cancellation, |a| + |b| for a − b: what rounding errors scale with."""
    constant: float | None = None
    """A number that is written out in the symbols too, as an exponent."""
    note: str = ""

    def noted(self, note: str) -> Term:
        """The same with one more sentence to teach."""
        return replace(self, note=_notes(self.note, note))

    def silently(self, change: Callable[[Content], Content]) -> Term:
        """With numbers changed, by an operation without signs, behind unchanged texts."""
        if self.value is None or self.constant is not None:
            return self
        return replace(self, value=change(self.value), size=change(self.size))

    def worded(
        self,
        template: str,
        change: Callable[..., Content],
        *others: Term,
        binding: int = WORDS,
    ) -> Term:
        """Changed by an operation that is linear and without signs, written in words around `{}`.

        What else the change takes, as indices, comes as further Terms.
        """

        def write(a: Text, *rest: Text) -> Text:
            return Text(template.format(a.within(SUM), *(text.text for text in rest)), binding)

        if self.constant is not None:
            return self
        return build(
            write, change, lambda a, *rest: change(a.size, *(b.value for b in rest)), self, *others
        )

    def tensor(self) -> torch.Tensor:
        """The value as a float64 tensor, also where it is a constant."""
        return torch.as_tensor(self.value, dtype=torch.float64, device="cpu")

    @property
    def mT(self) -> Term:  # noqa: N802 — torch's name
        """The Term with its last two dimensions transposed."""
        return build(
            lambda a: Text(f"{a.within(ATOM)}ᵀ", POWER), lambda a: a.mT, lambda a: a.size.mT, self
        )

    def __neg__(self) -> Term:
        return build(
            lambda a: Text(f"−{a.within(PRODUCT)}", NEGATIVE),
            lambda a: -a,
            lambda a: a.size,
            self,
        )

    def __add__(self, other: Term | float) -> Term:
        other = lift(other)
        if other.constant == 0:
            return self
        if self.constant == 0:
            return other
        return build(infix("+", SUM, SUM, PRODUCT), lambda a, b: a + b, _sizes_added, self, other)

    def __sub__(self, other: Term | float) -> Term:
        other = lift(other)
        if self.constant is not None and other.constant is not None:
            return lift(self.constant - other.constant)
        if other.constant == 0:
            return self
        return build(infix("−", SUM, SUM, PRODUCT), lambda a, b: a - b, _sizes_added, self, other)

    def __mul__(self, other: Term | float) -> Term:
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

    def __truediv__(self, other: Term | float) -> Term:
        other = lift(other)
        if other.constant == 1 or self.constant == 0:
            return self
        return build(
            infix("/", PRODUCT, NEGATIVE, POWER),
            lambda a, b: a / b,
            lambda a, b: a.size / abs(b.value) + abs(a.value) * b.size / b.value**2,
            self,
            other,
        )

    def __matmul__(self, other: Term) -> Term:
        return build(
            infix("@", PRODUCT, PRODUCT, POWER),
            lambda a, b: a @ b,
            lambda a, b: a.size @ b.size,
            self,
            other,
        )

    def __pow__(self, other: Term | float) -> Term:
        other = lift(other)
        if other.constant == 1:
            return self
        return build(
            lambda a, b: Text(a.within(ATOM) + exponent(b, other.constant), POWER),
            lambda a, b: a**b,
            None,
            self,
            other,
        )

    def __radd__(self, other: float) -> Term:
        return lift(other) + self

    def __rsub__(self, other: float) -> Term:
        return lift(other) - self

    def __rmul__(self, other: float) -> Term:
        return lift(other) * self

    def __gt__(self, other: Term | float) -> Term:
        return build(
            infix(">", WORDS, SUM, SUM), lambda a, b: (a > b).double(), None, self, lift(other)
        )

    def __lt__(self, other: Term | float) -> Term:
        return build(
            infix("<", WORDS, SUM, SUM), lambda a, b: (a < b).double(), None, self, lift(other)
        )

    def __le__(self, other: Term | float) -> Term:
        return build(
            infix("≤", WORDS, SUM, SUM), lambda a, b: (a <= b).double(), None, self, lift(other)
        )


def lift(number: Term | float) -> Term:
    """A plain number as a Term; a Term as it is."""
    if isinstance(number, Term):
        return number
    text = Text(number_text(number), NEGATIVE if number < 0 else ATOM)
    return Term(text, text, number, abs(number), constant=number)


def named(name: str, value: Value | None) -> Term:
    """A tensor under its name; None for one that is not known."""
    if value is None:
        return Term(Text(name), Text(name), None, None)
    written = value_text(value)
    if not _complete(value) or len(written) > TEXT_LIMIT:
        numbers = Text(f"{name}[{shape_text(value.shape)}]")
    else:
        numbers = Text(written, NEGATIVE if written.startswith("-") else ATOM)
    tensor = tensor_of(value)
    return Term(Text(name), numbers, tensor, None if tensor is None else tensor.abs())


def tensor_of(value: Value) -> torch.Tensor | None:
    """All elements of a value as a float64 tensor on the CPU; None where incomplete or complex."""
    if not _complete(value) or value.dtype.startswith("complex"):
        return None
    flat = torch.tensor(value.numbers, dtype=torch.float64, device="cpu")
    return flat.reshape(value.shape)


def _complete(value: Value) -> bool:
    # A tensor whose numbers cannot be read has none, though a scalar's corner equals its shape.
    return value.whole and (bool(value.numbers) or 0 in value.shape)


def build(
    write: Callable[..., Text],
    evaluate: Callable[..., Content],
    size: Callable[..., Content] | None,
    *terms: Term,
) -> Term:
    """A Term made of others: texts from texts, the value from values, the size from the Terms.

    Without a `size` of its own the value's magnitude stands for it.
    """
    symbols = write(*(term.symbols for term in terms))
    numbers = write(*(term.numbers for term in terms))
    note = _notes(*(term.note for term in terms))
    if any(term.value is None for term in terms):
        return Term(symbols, numbers, None, None, note=note)
    value = evaluate(*(term.value for term in terms))
    size_of_value = abs(value) if size is None else size(*terms)
    return Term(symbols, numbers, value, size_of_value, note=note)


def _notes(*notes: str) -> str:
    """The notes joined by semicolons, each sentence once."""
    sentences = dict.fromkeys(part for note in notes for part in note.split("; ") if part)
    return "; ".join(sentences)


def _sizes_added(a: Term, b: Term) -> Content:
    return a.size + b.size
