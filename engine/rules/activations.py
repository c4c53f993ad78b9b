"""Rules of activation functions, clamping and dropout."""

from __future__ import annotations

import math
from dataclasses import replace

import torch

from engine.autograd.values import Value
from engine.rules.context import Context, Rules, broadcasting
from engine.rules.functions import call, condition, exp, sigmoid, tanh, where
from engine.rules.term import Term, lift


def _relu(n: Context) -> Term:
    return where(n.result <= 0, 0, n.g).noted("0 where self ≤ 0")


def _elu(n: Context) -> Term:
    negative = n.g * n.alpha * n.scale * n.input_scale * exp(n.self * n.input_scale)
    return where(n.self > 0, n.g * n.scale, negative)


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
    share = call("Φ", lambda x: 0.5 * (1 + (x / math.sqrt(2)).erf()), n.self)
    density = call("φ", lambda x: (-(x**2) / 2).exp() / math.sqrt(2 * math.pi), n.self)
    return (n.g * (share + n.self * density)).noted(
        "Φ and φ: the standard normal distribution and its density"
    )


def _clamp(n: Context) -> Term:
    """With either bound left out, the bounds themselves included."""
    low, high = _bound(n, "min"), _bound(n, "max")
    if n.plain("min") is None:
        inside = condition("{} ≤ {}", lambda x, high: x <= high, n.self, high)
    elif n.plain("max") is None:
        inside = condition("{} ≤ {}", lambda low, x: low <= x, low, n.self)
    else:
        between = "{} ≤ {} ≤ {}"
        inside = condition(between, lambda a, x, b: (a <= x) & (x <= b), low, n.self, high)
    return where(inside, n.g, 0).noted("0 where it was clamped")


def _hardtanh(n: Context) -> Term:
    parts = _bound(n, "min_val"), n.self, _bound(n, "max_val")
    inside = condition("{} < {} < {}", lambda a, x, b: (a < x) & (x < b), *parts)
    return where(inside, n.g, 0).noted("0 where it was clamped")


def _bound(n: Context, name: str) -> Term:
    """A bound as autograd compares with it: rounded to the input's own type."""
    bound, content = n.saved(name), n.node.content("self")
    if bound.constant is None or not isinstance(content, Value):
        return bound
    rounded = torch.tensor(bound.constant, dtype=getattr(torch, content.dtype)).item()
    return replace(bound, value=rounded, constant=None)


def _dropped(n: Context) -> Term:
    if n.p.constant == 1:
        return lift(0).noted("everything was dropped")
    return (n.g * n.result1 / (1 - n.p)).noted("result1 is 1 where an element was kept, else 0")


RULES: Rules = {
    "LogSigmoidBackward0": lambda n: n.g * sigmoid(-n.self),
    "ReluBackward0": _relu,
    "ThresholdBackward0": lambda n: where(n.self <= n.threshold, 0, n.g),
    "LeakyReluBackward0": lambda n: where(n.self > 0, n.g, n.g * n.negative_slope),
    "EluBackward0": _elu,
    "GeluBackward0": _gelu,
    "SiluBackward0": _silu,
    "SoftplusBackward0": _softplus,
    "ClampBackward0": (_clamp,),
    "ClampBackward1": _clamp,
    "ClampMinBackward0": _clamp,
    "ClampMaxBackward0": _clamp,
    "HardtanhBackward0": _hardtanh,
    "NativeDropoutBackward0": _dropped,
    **broadcasting(
        {
            "PreluKernelBackward0": (
                lambda n: where(n.self > 0, n.g, n.g * n.weight),
                lambda n: where(n.self > 0, 0, n.g * n.self),
            ),
        }
    ),
}
