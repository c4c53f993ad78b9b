"""The gradients that people believe a node sends on, each with what is wrong about it.

First come the mistakes that belong to the operation, then those that can be made at any.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tui.graph.predict.elementwise import combined, over, scaled, spread, times
from tui.graph.predict.question import AnswerChoice
from tui.graph.typed_numbers import Numbers

Wrong = tuple[Numbers | None, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a node sends to one of its inputs, and what it was computed from."""

    op: str
    to: str
    """The input's name or expression."""
    slot: int
    g: Numbers
    out: Numbers
    rule: str = ""
    """The local rule in symbols; empty while none is known."""
    own: Numbers | None = None
    """The value of the input."""
    other: Numbers | None = None
    """The value of the node's other input."""
    result: Numbers | None = None
    exponent: float | None = None
    count: int = 1
    """How many elements were reduced to one by a sum or a mean."""

    @property
    def ruled(self) -> str:
        """What ends a sentence: the rule, where one is known."""
        return f"; the rule is {self.rule}" if self.rule else ""

    def power(self, exponent: float) -> str:
        """The input to a power, as it stands in a formula."""
        base = self.to if self.to.isidentifier() else f"({self.to})"
        return base if exponent == 1 else f"{base}^{exponent:g}"

    @property
    def arrives(self) -> Numbers | None:
        """G for every element of the input."""
        return spread(self.g, self.out.shape)


def wrong_gradients(sent: Sent) -> Iterator[AnswerChoice]:
    """Wrong answers to what a node sends, the likeliest first; some may be the same, or right."""
    of_op = OF_OP.get(sent.op)
    for numbers, why in (*(of_op(sent) if of_op else ()), *_of_any(sent)):
        if numbers is not None:
            yield AnswerChoice(numbers, f"{why}.")


def _of_any(s: Sent) -> Iterator[Wrong]:
    yield (
        over(s.out, s.arrives),
        "The local derivative alone: the chain rule multiplies it by the gradient that arrives, "
        f"g = {s.g.text}",
    )
    yield s.arrives, f"That passes g on as it is; {s.op} has a local derivative{s.ruled}"
    if s.g.shape != s.out.shape:
        shape = "×".join(map(str, s.out.shape or ())) or "that of one number"
        yield s.g, f"The gradient of {s.to} has the shape of {s.to}, {shape}"
    yield scaled(-1, s.out), f"The sign is turned{s.ruled}"
    yield scaled(2, s.out), f"Twice too much{s.ruled}"
    yield scaled(0.5, s.out), f"Only half of it{s.ruled}"


def _mean(s: Sent) -> Iterator[Wrong]:
    yield (
        s.arrives,
        f"That forgets the mean: each of {s.count} elements contributes only 1/{s.count}",
    )
    if s.arrives is not None:
        yield (
            scaled(s.count, s.arrives),
            f"The mean divides by its {s.count} elements; that multiplies",
        )
    yield (
        scaled(1 / s.count, s.g),
        f"One number is not enough: each element of {s.to} gets its own gradient",
    )


def _sum(s: Sent) -> Iterator[Wrong]:
    if s.arrives is not None:
        yield (
            scaled(1 / s.count, s.arrives),
            f"A mean would share g out among {s.count} elements; a sum gives all of g to each",
        )
        yield scaled(s.count, s.arrives), "The sum adds up values on the way forward, not gradients"
    if s.g.shape != s.out.shape:
        yield s.g, f"One number is not enough: each element of {s.to} gets its own gradient"


def _add(s: Sent) -> Iterator[Wrong]:
    yield times(s.g, s.own), f"That is for a product; the derivative of a + b by {s.to} is 1"
    yield (
        scaled(0.5, s.out),
        "A sum does not share g out: each of the two inputs moves the result one for one",
    )
    yield times(s.g, s.other), "That is for a product; what is added drops out of the derivative"
    yield scaled(0.0, s.out), "0 would mean that the input does not matter; it moves the sum by 1"
    yield from _unreduced(s)


def _sub(s: Sent) -> Iterator[Wrong]:
    sign = scaled(-1, s.out)
    if s.slot == 0:
        yield sign, "Only what is subtracted gets a minus; this input is what it is taken from"
    else:
        yield sign, f"That forgets the minus: when {s.to} grows, the difference shrinks"
    yield times(s.g, s.own), f"That is for a product; the derivative by {s.to} is 1 or −1"
    yield scaled(0.0, s.out), "0 would mean that the input does not matter"
    yield from _unreduced(s)


def _mul(s: Sent) -> Iterator[Wrong]:
    yield (
        times(s.g, s.own),
        f"That multiplies by {s.to} itself; the derivative of a · b by a is b, the other factor",
    )
    yield s.other, "The other factor alone: the chain rule multiplies it by g"
    yield (
        times(s.g, s.result),
        "That multiplies by the product; the derivative by one factor is the other one",
    )
    yield from _unreduced(s)


def _div(s: Sent) -> Iterator[Wrong]:
    if s.slot == 0:
        yield times(s.g, s.other), "The derivative of a / b by a is 1 / b: that multiplies by b"
    else:
        yield scaled(-1, s.out), f"The sign: when {s.to} grows, the quotient shrinks"
        yield over(s.g, s.own), "That is the derivative by what is divided, not by the divisor"
    yield from _unreduced(s)


def _unreduced(s: Sent) -> Iterator[Wrong]:
    if s.out.shape is not None and s.g.shape is not None and len(s.g.numbers) > len(s.out.numbers):
        yield s.g, f"{s.to} was broadcast: what arrives at its copies is summed to its own shape"
        parts = len(s.g.numbers) // len(s.out.numbers)
        yield scaled(1 / parts, s.out), "What arrives at the copies is summed, not averaged"


def _pow(s: Sent) -> Iterator[Wrong]:
    n = s.exponent
    if n is None:
        return
    if n and s.own is not None:
        power = combined(s.own, s.own, lambda a, _: _real(a**n))
        yield (
            times(s.g, power),
            f"That multiplies by the power itself; its derivative is {n:g} · {s.power(n - 1)}",
        )
        lower = combined(s.own, s.own, lambda a, _: _real(a ** (n - 1)))
        yield times(s.g, lower), f"That forgets to bring the exponent {n:g} down as a factor"
        if power is not None:
            yield (
                times(s.g, scaled(n, power)),
                f"The exponent has to go down by one: {n:g} · {s.power(n - 1)}",
            )


def _exp(s: Sent) -> Iterator[Wrong]:
    yield times(s.g, s.own), f"exp is its own derivative: g · exp({s.to}), not g · {s.to}"
    lower = combined(s.own, s.result, lambda a, b: a * b)
    yield times(s.g, lower), "exp is no power: no exponent comes down as a factor"


def _log(s: Sent) -> Iterator[Wrong]:
    yield times(s.g, s.own), f"The derivative of ln is 1 / {s.to}: that multiplies"
    yield times(s.g, s.result), "That multiplies by the logarithm itself, not by its derivative"


def _sqrt(s: Sent) -> Iterator[Wrong]:
    yield over(s.g, s.result), "That forgets the factor 2: the derivative of √x is 1 / (2√x)"
    yield times(s.g, s.result), "That multiplies by the root itself, not by its derivative"


def _wave(s: Sent) -> Iterator[Wrong]:
    yield times(s.g, s.result), f"That multiplies by {s.op.lower()} itself, not by its derivative"
    yield scaled(-1, s.out), f"The sign: sin gives cos, and cos gives −sin{s.ruled}"


def _squashed(s: Sent) -> Iterator[Wrong]:
    yield times(s.g, s.result), f"That multiplies by {s.op.lower()} itself, not by its derivative"
    rest = combined(s.result, s.result, lambda a, _: 1 - a)
    yield times(s.g, rest), f"That is half of the rule{s.ruled}"


def _relu(s: Sent) -> Iterator[Wrong]:
    yield s.arrives, "Where the input is below 0, relu is flat: nothing goes back there"
    yield times(s.g, s.result), "That multiplies by the output; the slope of relu is 1 or 0"
    yield (
        combined(s.own, s.arrives, lambda a, g: 0.0 if a > 0 else g),
        "The other way round: g passes where the input is above 0",
    )
    yield scaled(0.0, s.out), "Where the input is above 0, all of g passes"


def _mse(s: Sent) -> Iterator[Wrong]:
    if s.count > 1:
        yield (
            scaled(s.count, s.out),
            f"That forgets the mean: each of {s.count} errors counts only 1/{s.count}",
        )
    yield scaled(0.5, s.out), "That forgets the factor 2 of the square"
    yield scaled(-1, s.out), "The sign: the gradient points to where the error grows"


def _neg(s: Sent) -> Iterator[Wrong]:
    yield s.arrives, "That forgets the minus: when the input grows, the result shrinks"
    yield times(s.g, s.own), f"That multiplies by {s.to}; the derivative of −x is −1"


def _real(number: float | complex) -> float:
    return math.nan if isinstance(number, complex) else number


OF_OP: dict[str, Callable[[Sent], Iterator[Wrong]]] = {
    "Mean": _mean,
    "Sum": _sum,
    "Add": _add,
    "Sub": _sub,
    "Mul": _mul,
    "Div": _div,
    "Pow": _pow,
    "Exp": _exp,
    "Log": _log,
    "Sqrt": _sqrt,
    "Sin": _wave,
    "Cos": _wave,
    "Tanh": _squashed,
    "Sigmoid": _squashed,
    "Relu": _relu,
    "MseLoss": _mse,
    "Neg": _neg,
}
"""The mistakes of an operation by its title."""
