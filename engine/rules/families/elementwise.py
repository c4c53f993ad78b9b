"""Rules of operations that work element by element, with and without broadcasting."""

from __future__ import annotations

from collections.abc import Callable

import torch

from engine.rules.context import Context, Rules, broadcasting
from engine.rules.functions import (
    call,
    condition,
    cos,
    is_zero,
    ln,
    root,
    sign,
    sin,
    where,
    zero_where,
)
from engine.rules.term import Term, build, lift
from engine.rules.text import Text


def _zero(n: Context) -> Term:
    return lift(0).noted("a step function is flat wherever it has a derivative")


def _random(n: Context) -> Term:
    return lift(0).noted("what was drawn at random does not follow its input")


def _finite(n: Context) -> Term:
    finite = condition("{} is finite", lambda a: a.isfinite(), n.self)
    return where(finite, n.g, 0)


def _larger(n: Context, test: str) -> Term:
    """Of fmax or fmin: all to `self` where that was taken, also for a nan in `other`."""
    holds: Callable[..., torch.Tensor] = torch.ge if test == "≥" else torch.le
    taken = condition(
        f"{{0}} {test} {{1}} or {{1}} is nan",
        lambda a, b: holds(a, b) | b.isnan(),
        n.self,
        n.other,
    )
    return where(taken, n.g, 0) if n.slot == 0 else where(taken, 0, n.g)


def _angle(n: Context, beside: Term) -> Term:
    square = n.self**2 + n.other**2
    return zero_where(n.g * beside / square, is_zero, square, said="both are 0")


def _copied_sign(n: Context) -> Term:
    """The gradient with the sign turned where `copysign` turned that of the number."""
    return zero_where(n.g * n.result / n.self, is_zero, n.self, said="self = 0")


def _whole_times(n: Context, name: str, whole: Callable[[torch.Tensor], torch.Tensor]) -> Term:
    quotient = n.self / n.other
    times = build(
        lambda a: Text(f"{name}({a.text})"),
        lambda _: whole(quotient.tensor()),
        lambda a: abs(whole(a.tensor())),
        quotient,
    )
    return -n.g * times


def _power(n: Context) -> Term:
    if n.exponent.constant == 0:
        return lift(0)
    return n.g * n.exponent * n.self ** (n.exponent - 1)


def _power_base(n: Context) -> Term:
    term = n.g * n.exponent * n.self ** (n.exponent - 1)
    return zero_where(term, is_zero, n.exponent, said="exponent = 0")


def _power_exponent(n: Context) -> Term:
    """Also at a base of 0, where the limit counts, not 0 · ln(0)."""
    term = n.g * n.result * ln(n.self)
    return zero_where(term, _is_limit, n.self, n.exponent, said="self = 0 ≤ exponent")


def _is_limit(base: torch.Tensor, exponent: torch.Tensor) -> torch.Tensor:
    return (base == 0) & (exponent.real >= 0)


def _absolute(n: Context) -> Term:
    return (n.g * sign(n.saved("self"))).noted("0 where self = 0")


def _winner(n: Context, relation: str, one: Term, two: Term) -> Term:
    loses = one < two if relation == ">" else one > two
    ties = condition("{} = {}", lambda a, b: a == b, one, two)
    return where(loses, 0, where(ties, n.g / 2, n.g)).noted("equal elements share the gradient")


UNARY: Rules = {
    "NegBackward0": lambda n: -n.g,
    "PowBackward0": _power,
    "PowBackward2": _power_exponent,
    "ExpBackward0": lambda n: n.g * n.result,
    "Exp2Backward0": lambda n: n.g * n.result * ln(lift(2)),
    "Expm1Backward0": lambda n: n.g * (n.result + 1),
    "LogBackward0": lambda n: n.g / n.self,
    "Log2Backward0": lambda n: n.g / (n.self * ln(lift(2))),
    "Log10Backward0": lambda n: n.g / (n.self * ln(lift(10))),
    "Log1PBackward0": lambda n: n.g / (n.self + 1),
    "SqrtBackward0": lambda n: n.g / (2 * n.result),
    "RsqrtBackward0": lambda n: -n.g * n.result**3 / 2,
    "ReciprocalBackward0": lambda n: -n.g * n.result**2,
    "AbsBackward0": _absolute,
    "SinBackward0": lambda n: n.g * cos(n.self),
    "CosBackward0": lambda n: -n.g * sin(n.self),
    "TanBackward0": lambda n: n.g * (1 + n.result**2),
    "AsinBackward0": lambda n: n.g / root(1 - n.self**2),
    "AcosBackward0": lambda n: -n.g / root(1 - n.self**2),
    "AtanBackward0": lambda n: n.g / (n.self**2 + 1),
    "SinhBackward0": lambda n: n.g * call("cosh", lambda a: a.cosh(), n.self),
    "CoshBackward0": lambda n: n.g * call("sinh", lambda a: a.sinh(), n.self),
    "TanhBackward0": lambda n: n.g * (1 - n.result**2),
    "SigmoidBackward0": lambda n: n.g * n.result * (1 - n.result),
    "SignBackward0": _zero,
    "FloorBackward0": _zero,
    "CeilBackward0": _zero,
    "RoundBackward0": _zero,
    "RoundBackward1": _zero,
    "BernoulliBackward0": _random,
    "BernoulliBackward1": _random,
    "BernoulliBackward2": _random,
    "UniformBackward0": _random,
    "NormalBackward0": _random,
    "NormalBackward1": _random,
    "NormalBackward2": _random,
    "NormalBackward3": _random,
    "NanToNumBackward0": _finite,
    "LiftBackward0": lambda n: n.g,
    "LiftFreshBackward0": lambda n: n.g,
    "LazyCloneBackward0": lambda n: n.g,
    "TruncBackward0": _zero,
    "FracBackward0": lambda n: n.g,
    "RemainderBackward0": lambda n: n.g,
    "FmodBackward0": lambda n: n.g,
    "AddBackward1": lambda n: n.g,
    "SubBackward1": lambda n: n.g,
    "RsubBackward1": lambda n: -n.g * n.alpha,
    "MulBackward1": lambda n: n.g * n.other,
    "DivBackward1": lambda n: n.g / n.other,
    "DivBackward3": _zero,
    "CloneBackward0": lambda n: n.g,
    "ZeroBackward0": lambda n: lift(0),
}

BINARY: Rules = broadcasting(
    {
        "AddBackward0": (lambda n: n.g, lambda n: n.g * n.alpha),
        "SubBackward0": (lambda n: n.g, lambda n: -n.g * n.alpha),
        "RsubBackward0": (lambda n: -n.g * n.alpha, lambda n: n.g),
        "MulBackward0": (lambda n: n.g * n.other, lambda n: n.g * n.self),
        "DivBackward0": (
            lambda n: n.g / n.other,
            lambda n: -n.g * n.self / n.other**2,
        ),
        "DivBackward2": _zero,
        "PowBackward1": (_power_base, _power_exponent),
        "Atan2Backward0": (lambda n: _angle(n, n.other), lambda n: -_angle(n, n.self)),
        "HypotBackward0": (
            lambda n: n.g * n.self / n.result,
            lambda n: n.g * n.other / n.result,
        ),
        "MaximumBackward0": (
            lambda n: _winner(n, ">", n.self, n.other),
            lambda n: _winner(n, ">", n.other, n.self),
        ),
        "MinimumBackward0": (
            lambda n: _winner(n, "<", n.self, n.other),
            lambda n: _winner(n, "<", n.other, n.self),
        ),
        "AddcmulBackward0": (
            lambda n: n.g,
            lambda n: n.g * n.value * n.tensor2,
            lambda n: n.g * n.value * n.tensor1,
        ),
        "AddcdivBackward0": (
            lambda n: n.g,
            lambda n: n.g * n.value / n.tensor2,
            lambda n: -n.g * n.value * n.tensor1 / n.tensor2**2,
        ),
        "RemainderBackward1": (lambda n: n.g, lambda n: _whole_times(n, "floor", torch.floor)),
        "FmodBackward1": (lambda n: n.g, lambda n: _whole_times(n, "trunc", torch.trunc)),
        "FmaxBackward0": (lambda n: _larger(n, "≥"), lambda n: _larger(n, "≥")),
        "FminBackward0": (lambda n: _larger(n, "≤"), lambda n: _larger(n, "≤")),
        "CopysignBackward0": (_copied_sign, lambda n: lift(0)),
        "CopysignBackward1": (_copied_sign,),
        "LerpBackward1": (
            lambda n: n.g * (1 - n.weight),
            lambda n: n.g * n.weight,
            lambda n: n.g * (n.end - n.self),
        ),
        "LerpBackward0": (lambda n: n.g * (1 - n.weight), lambda n: n.g * n.weight),
        "WhereBackward0": (
            lambda n: where(n.condition, n.g, 0),
            lambda n: where(n.condition, 0, n.g),
        ),
        "MaskedFillBackward0": lambda n: where(n.mask, 0, n.g),
        "MaskedFillBackward1": (lambda n: where(n.mask, 0, n.g), lambda n: where(n.mask, n.g, 0)),
        "ToCopyBackward0": lambda n: n.g.noted("converted back to the input's type"),
        "CopyBackwards": (lambda n: lift(0), lambda n: n.g),
    }
)
