"""Rules of the losses; `reduction` says whether an element's loss was averaged, summed or kept."""

from __future__ import annotations

import math

import torch

from engine.autograd.values import Value
from engine.rules.context import Context, Rules
from engine.rules.functions import call, ln, sigmoid, sign
from engine.rules.term import Term, build, lift
from engine.rules.text import ATOM, Text

MEAN = 1
"""The number that autograd saves for `reduction="mean"`."""


LEAST_SLOPE = 1e-12
"""Autograd divides by no less, where the chance is 0 or 1."""


def _averaged(n: Context, term: Term) -> Term:
    """Weighted, and divided by the number of elements where the loss is a mean."""
    if n.has("weight"):
        term = term * n.weight
    return term / math.prod(n.shape) if n.integer("reduction") == MEAN else term


def _squared(n: Context) -> Term:
    return _averaged(n, n.g * 2 * (n.self - n.target))


def _clipped(n: Context, width: Term) -> Term:
    """Quadratic near 0 and linear farther away: the difference, clipped."""
    error = n.self - n.target
    if width.constant == 0:
        return sign(error)
    return call("clip", lambda a: a.clamp(-1, 1), error / width).noted("clip: to between −1 and 1")


def _smooth_l1(n: Context) -> Term:
    return _averaged(n, n.g * _clipped(n, n.beta))


def _huber(n: Context) -> Term:
    return _averaged(n, n.g * n.delta * _clipped(n, n.delta))


def _cross_entropy(n: Context) -> Term:
    slope = call("max", torch.maximum, n.self * (1 - n.self), lift(LEAST_SLOPE))
    return _averaged(n, n.g * (n.self - n.target) / slope)


def _cross_entropy_target(n: Context) -> Term:
    return _averaged(n, n.g * (ln(1 - n.self) - ln(n.self)))


def _logits(n: Context) -> Term:
    chance = sigmoid(n.self)
    if n.has("pos_weight"):
        positive = n.pos_weight * n.target
        return _averaged(n, n.g * ((positive + 1 - n.target) * chance - positive))
    return _averaged(n, n.g * (chance - n.target))


def _logits_target(n: Context) -> Term:
    if n.has("pos_weight"):
        yes = call("ln σ", lambda a: a.sigmoid().log(), n.self)
        no = call("ln σ", lambda a: a.sigmoid().log(), -n.self)
        return _averaged(n, n.g * (no - n.pos_weight * yes))
    return _averaged(n, -n.g * n.self)


def _likelihood(n: Context) -> Term:
    """The negative log-likelihood: only the target class's log-probability counts."""
    dim = 1 if len(n.shape) > 1 else 0
    ignored = n.integer("ignore_index")
    g = -n.g
    if n.has("weight"):
        g = g * n.weight.worded(
            "{}[{}]", lambda w, t: w[t.long().clamp(0, len(w) - 1)], n.target, binding=ATOM
        )
    if n.integer("reduction") == MEAN:
        g = g / n.total_weight

    def put(g: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        kept = target != ignored
        zeros = g.new_zeros(n.shape)
        positions = target.long().where(kept, 0).unsqueeze(dim)
        return zeros.scatter(dim, positions, g.expand(target.shape).where(kept, 0.0).unsqueeze(dim))

    term = g.worded(f"{{}} at {{}} along dim {dim}", put, n.target).noted(
        "only the target class's log-probability counts: all others get 0"
    )
    target = n.plain("target")
    left_out = isinstance(target, Value) and ignored in target.numbers
    return term.noted(f"targets of {ignored} are left out") if left_out else term


def _likelihood_again(n: Context) -> Term:
    """The gradient of `nll_loss`'s gradient: the same loss of what comes in."""
    target, weight = n.target, n.saved("weight") if n.has("weight") else None
    reduction = ("none", "mean", "sum")[n.integer("reduction")]

    def loss(g: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.nll_loss(
            g,
            target.long(),
            None if weight is None else weight.value,
            ignore_index=n.integer("ignore_index"),
            reduction=reduction,
        )

    return build(
        lambda g, t: Text(f"nll_loss({g.text}, {t.text})"),
        loss,
        lambda g, t: loss(g.size, t.value).abs(),
        n.g,
        target,
    ).noted(f"the loss is linear in its input; reduction: {reduction}")


RULES: Rules = {
    "NllLossBackwardBackward0": (_likelihood_again, lambda n: lift(0)),
    "NllLoss2DBackwardBackward0": (_likelihood_again, lambda n: lift(0)),
    "MseLossBackward0": (_squared, lambda n: -_squared(n)),
    "SmoothL1LossBackward0": (_smooth_l1, lambda n: -_smooth_l1(n)),
    "HuberLossBackward0": (_huber, lambda n: -_huber(n)),
    "BinaryCrossEntropyBackward0": (_cross_entropy, _cross_entropy_target),
    "BinaryCrossEntropyWithLogitsBackward0": (_logits, _logits_target),
    "NllLossBackward0": _likelihood,
    "NllLoss2DBackward0": _likelihood,
}
