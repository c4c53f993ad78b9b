"""Rules of activation functions, clamping and dropout."""

from __future__ import annotations

import math
from dataclasses import replace

import torch

from engine.rules.context import Context, Rules, broadcasting
from engine.rules.functions import call, condition, exp, joined, let, sigmoid, tanh, where
from engine.rules.term import Term, lift


def _relu(n: Context) -> Term:
    return where(n.result <= 0, 0, n.g).noted("0 where self ≤ 0")


def _elu(n: Context) -> Term:
    negative = n.g * n.alpha * n.scale * n.input_scale * exp(n.self * n.input_scale)
    return where(n.self <= 0, negative, n.g * n.scale)


def _softplus(n: Context) -> Term:
    scaled = n.self * n.beta
    return where(scaled > n.threshold, n.g, n.g * sigmoid(scaled))


def _silu(n: Context) -> Term:
    gate = sigmoid(n.self)
    return n.g * (gate + n.self * gate * (1 - gate))


def _gelu(n: Context) -> Term:
    if n.plain("approximate") == "tanh":
        u = call("u", lambda x: math.sqrt(2 / math.pi) * (x + 0.044715 * x**3), n.self)
        slope = call("u′", lambda x: math.sqrt(2 / math.pi) * (1 + 0.134145 * x**2), n.self)
        bent = tanh(u)
        term = n.g * (0.5 * (1 + bent) + 0.5 * n.self * (1 - bent**2) * slope)
        return term.noted("u(x) = √(2/π) · (x + 0.044715 · x³)")
    share = call("Φ", _normal, n.self, size=lambda x: 1 + x.size * (-(x.value**2) / 2).exp())
    density = call("φ", lambda x: (-(x**2) / 2).exp() / math.sqrt(2 * math.pi), n.self)
    return (n.g * (share + n.self * density)).noted(
        "Φ and φ: the standard normal distribution and its density"
    )


def _normal(x: torch.Tensor) -> torch.Tensor:
    """The standard normal distribution; for very negative x it is 1 − nearly 1."""
    return 0.5 * (1 + (x / math.sqrt(2)).erf())


def _clamp(n: Context) -> Term:
    """With either bound left out, the bounds themselves included."""
    low, high = n.rounded("min"), n.rounded("max")
    if n.plain("min") is None:
        inside = condition("{} ≤ {}", lambda x, high: x <= high, n.self, high)
    elif n.plain("max") is None:
        inside = condition("{} ≤ {}", lambda low, x: low <= x, low, n.self)
    else:
        between = "{} ≤ {} ≤ {}"
        inside = condition(between, lambda a, x, b: (a <= x) & (x <= b), low, n.self, high)
    return where(inside, n.g, 0).noted("0 where it was clamped")


def _hardtanh(n: Context) -> Term:
    parts = n.rounded("min_val"), n.self, n.rounded("max_val")
    outside = condition("{1} ≤ {0} or {1} ≥ {2}", lambda a, x, b: (x <= a) | (x >= b), *parts)
    return where(outside, 0, n.g).noted("0 where it was clamped")


def _clamp_bound(n: Context) -> Term:
    """A bound that is a tensor gets the gradient where it was taken."""
    low, high, own = n.saved("min"), n.saved("max"), n.self
    if n.slot == 1:
        if n.plain("max") is None:
            return where(own < low, n.g, 0)
        taken = condition("{} < {} < {}", lambda x, a, b: (x < a) & (a < b), own, low, high)
        return where(taken, n.g, 0)
    if n.plain("min") is None:
        return where(own > high, n.g, 0)
    taken = condition("{0} > {2} or {1} > {2}", lambda x, a, b: (x > b) | (a > b), own, low, high)
    return where(taken, n.g, 0)


def _gated(n: Context) -> Term:
    """`glu`: one half of the input, gated by the other."""
    dim = n.dim()
    half = n.shape[dim] // 2

    def part(name: str, start: int) -> Term:
        cut = n.self.silently(lambda a: a.narrow(dim, start, half))
        return let(name, cut)

    a, b = part("a", 0), part("b", half)
    gate = sigmoid(b)
    halves = n.g * gate, n.g * a * gate * (1 - gate)
    return joined(dim, *halves).noted("a, b: the halves of self, of which a · σ(b) was made")


def _mish(n: Context) -> Term:
    bent = call("tanh", lambda a: torch.nn.functional.softplus(a).tanh(), n.self)
    t = replace(let("t", bent, "t = tanh(ln(1 + exp(self)))"), size=bent.size)
    return n.g * (t + n.self * (1 - t**2) * sigmoid(n.self))


def _hardswish(n: Context) -> Term:
    inside = where(n.self < 3, n.g * (n.self / 3 + 0.5), n.g)
    return where(n.self <= -3, 0, inside)


def _shrunk(n: Context) -> Term:
    inside = condition(
        "−{0} ≤ {1} ≤ {0}", lambda edge, x: (x >= -edge) & (x <= edge), n.rounded("lambd"), n.self
    )
    return where(inside, 0, n.g)


NO_SPREAD = 1e-6
"""Up to so close bounds autograd takes the slope between them as in evaluation."""


def _random_leak(n: Context) -> Term:
    own = n.saved("self" if n.node.content("self") is not None else "result")
    low, high = n.lower, n.upper
    if n.plain("training") and (high - low).value > NO_SPREAD:
        return (n.g * n.noise).noted("noise: 1 where self > 0, else the slope that was drawn")
    return where(own > 0, n.g, n.g * ((low + high) / 2))


def _dropped(n: Context) -> Term:
    if n.has("result1") and n.gradient.outgoing[0] == n.gradient.incoming[0]:
        # Whether it was in training is not saved.
        return n.g.noted("in evaluation nothing is dropped")
    if n.p.constant == 1:
        return lift(0).noted("everything was dropped")
    return (n.g * n.result1 / (1 - n.p)).noted("result1 is 1 where an element was kept, else 0")


RULES: Rules = {
    "LogSigmoidBackward0": lambda n: n.g * sigmoid(-n.self),
    "ReluBackward0": _relu,
    "ThresholdBackward0": lambda n: where(n.self <= n.threshold, 0, n.g),
    "ThresholdBackward1": lambda n: where(n.self <= n.threshold, 0, n.g),
    "LeakyReluBackward0": lambda n: where(n.self > 0, n.g, n.g * n.negative_slope),
    "LeakyReluBackward1": lambda n: where(n.result > 0, n.g, n.g * n.negative_slope),
    "EluBackward0": _elu,
    "EluBackward1": lambda n: where(
        n.result <= 0,
        n.g * n.input_scale * (n.result + n.alpha * n.scale),
        n.g * n.scale,
    ),
    "CeluBackward0": lambda n: where(n.self <= 0, n.g * exp(n.self / n.in_single(n.alpha)), n.g),
    "CeluBackward1": lambda n: where(n.result <= 0, n.g * (n.result + n.alpha) / n.alpha, n.g),
    "GluBackward0": _gated,
    "MishBackward0": _mish,
    "HardswishBackward0": _hardswish,
    "HardsigmoidBackward0": lambda n: where(
        condition("−3 < {} < 3", lambda x: (x > -3) & (x < 3), n.self),
        n.g / n.in_single(lift(6)),
        0,
    ),
    "HardshrinkBackward0": _shrunk,
    "SoftshrinkBackward0": _shrunk,
    "RreluWithNoiseBackward0": _random_leak,
    "RreluWithNoiseBackward1": _random_leak,
    "RreluWithNoiseFunctionalBackward0": _random_leak,
    "GeluBackward0": _gelu,
    "SiluBackward0": _silu,
    "SoftplusBackward0": _softplus,
    "ClampBackward1": _clamp,
    "ClampMinBackward0": _clamp,
    "ClampMaxBackward0": _clamp,
    "HardtanhBackward0": _hardtanh,
    "NativeDropoutBackward0": _dropped,
    **broadcasting(
        {
            "ClampBackward0": (_clamp, _clamp_bound, _clamp_bound),
            "ClampMinBackward1": (_clamp, _clamp_bound),
            "ClampMaxBackward1": (
                _clamp,
                lambda n: where(n.self > n.saved("max"), n.g, 0),
            ),
            "PreluKernelBackward0": (
                lambda n: where(n.self > 0, n.g, n.g * n.weight),
                lambda n: where(n.self > 0, 0, n.g * n.self),
            ),
        }
    ),
}
