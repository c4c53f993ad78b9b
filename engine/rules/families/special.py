"""Rules of the special functions of mathematics, as `torch.special` has them."""

from __future__ import annotations

import math

import torch

from engine.rules.context import Context, Rules, broadcasting
from engine.rules.functions import (
    call,
    condition,
    cos,
    exp,
    is_zero,
    ln,
    root,
    sin,
    where,
    zero_where,
)
from engine.rules.named import PI
from engine.rules.rounding import ROUNDING
from engine.rules.term import Content, Term, lift
from engine.rules.text import raised

APPROXIMATE = 2e-5
"""The relative error within which torch itself approximates the derivative of Gamma variables."""


def _acosh(n: Context) -> Term:
    if n.self.complex:
        return n.g / (root(n.self + 1) * root(n.self - 1))
    return n.g / root(n.self**2 - 1)


def _logit(n: Context) -> Term:
    """Also beyond the open interval, where nothing has a logit, or all is clamped to `eps`."""
    slope = n.g / (n.self * (1 - n.self))
    if n.plain("eps") is None:
        inside = condition("0 ≤ {} ≤ 1", lambda a: (a >= 0) & (a <= 1), n.self)
        return where(inside, slope, math.nan)
    inside = condition(
        "{0} ≤ {1} ≤ 1 − {0}", lambda e, a: (a >= e) & (a <= 1 - e), n.rounded("eps"), n.self
    )
    return where(inside, slope, 0).noted("0 where it was clamped")


def _sinc(n: Context) -> Term:
    turn = PI * n.self
    slope = (turn * cos(turn) - sin(turn)) / (turn * n.self)
    return zero_where(n.g * slope, is_zero, n.self, said="self = 0")


def _polygamma(n: Context) -> Term:
    order = n.integer("n") + 1
    return n.g * call(
        f"ψ⁽{raised(order)}⁾", lambda a: torch.special.polygamma(order, a), n.self
    ).noted(f"ψ⁽{raised(order)}⁾: polygamma of order {order}")


def _xlogy(n: Context) -> Term:
    term = n.g * ln(n.other)
    return zero_where(term, _undefined, n.self, n.other, said="self = 0 ≥ other")


def _xlog1py(n: Context) -> Term:
    term = n.g * ln(n.other + 1)
    return zero_where(term, _undefined, n.self, n.other + 1, said="self = 0 and other ≤ −1")


def _undefined(factor: torch.Tensor, argument: torch.Tensor) -> torch.Tensor:
    return (factor == 0) & (argument <= 0)


def _gamma_slope(n: Context) -> Term:
    """How a Gamma variable x, drawn with α, moves with α."""

    def size(*terms: Term) -> Content:
        slope: torch.Tensor = torch._standard_gamma_grad(*(term.value for term in terms))
        return slope.abs() * max(1.0, APPROXIMATE / ROUNDING / n.precision)

    slope = call("∂Γ", torch._standard_gamma_grad, n.self, n.result, size=size)
    return n.g * slope.noted("∂Γ(α, x): how a Gamma variable x drawn with α moves with α")


RULES: Rules = {
    "AcoshBackward0": _acosh,
    "AsinhBackward0": lambda n: n.g / root(n.self**2 + 1),
    "AtanhBackward0": lambda n: n.g / (1 - n.self**2),
    "ErfBackward0": lambda n: n.g * 2 / root(PI) * exp(-(n.self**2)),
    "ErfcBackward0": lambda n: -n.g * 2 / root(PI) * exp(-(n.self**2)),
    "SpecialErfcxBackward0": lambda n: n.g * (2 * n.self * n.result - 2 / root(PI)),
    "ErfinvBackward0": lambda n: (
        n.g * root(PI) / 2 * exp(call("erfinv", lambda a: a.erfinv(), n.self) ** 2)
    ),
    "LogitBackward0": _logit,
    "SincBackward0": _sinc,
    "LgammaBackward0": lambda n: n.g * call("ψ", lambda a: a.digamma(), n.self).noted("ψ: digamma"),
    "DigammaBackward0": lambda n: (
        n.g * call("ψ⁽¹⁾", lambda a: torch.special.polygamma(1, a), n.self).noted("ψ⁽¹⁾: trigamma")
    ),
    "PolygammaBackward0": _polygamma,
    "PolygammaBackward1": _polygamma,
    "StandardGammaBackward0": _gamma_slope,
    "I0Backward0": lambda n: (
        n.g * call("I₁", torch.special.i1, n.self).noted("I₁: Bessel function")
    ),
    "SpecialEntrBackward0": lambda n: -n.g * (1 + ln(n.self)),
    "SpecialNdtriBackward0": lambda n: n.g * root(2 * PI) * exp(n.result**2 / 2),
    "SpecialLogNdtrBackward0": lambda n: n.g / root(2 * PI) * exp(-(n.result + n.self**2 / 2)),
    "XlogyBackward1": lambda n: n.g * n.self / n.other,
    "XlogyBackward2": _xlogy,
    "SpecialXlog1PyBackward1": lambda n: n.g * n.self / (n.other + 1),
    "SpecialXlog1PyBackward2": _xlog1py,
    **broadcasting(
        {
            "XlogyBackward0": (_xlogy, lambda n: n.g * n.self / n.other),
            "SpecialXlog1PyBackward0": (_xlog1py, lambda n: n.g * n.self / (n.other + 1)),
            "LogaddexpBackward0": (
                lambda n: n.g / (1 + exp(n.other - n.self)),
                lambda n: n.g / (1 + exp(n.self - n.other)),
            ),
            "Logaddexp2Backward0": (
                lambda n: n.g / (1 + lift(2) ** (n.other - n.self)),
                lambda n: n.g / (1 + lift(2) ** (n.self - n.other)),
            ),
            "LdexpBackward0": (
                lambda n: n.g * lift(2) ** n.other,
                lambda n: n.g * n.result * ln(lift(2)),
            ),
        }
    ),
    "FrexpBackward0": lambda n: n.g / lift(2) ** n.exponent,
    "Deg2RadBackward0": lambda n: n.g * PI / 180,
    "Rad2DegBackward0": lambda n: n.g * 180 / PI,
}
