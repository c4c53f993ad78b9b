"""Rules of softmax, the normalisations and attention, which tie many elements together."""

from __future__ import annotations

import math

import torch

from engine.autograd.values import Value
from engine.rules.context import Context, NoRuleError, Rules, Shape, unsqueezed
from engine.rules.functions import average, call, exp, let, total, total_besides
from engine.rules.term import Term, lift
from engine.rules.text import ATOM

NORMALISED = "x̂ = (input − mean) · rstd: the normalised input"
GROUPED = "x̂ = (grouped(input) − mean) · rstd; grouped: as batch × group × rest"
SCORES = "S = P · (g @ valueᵀ − Σ(g @ valueᵀ · P, last dim)): the gradient of the scores"


def _softmax(n: Context) -> Term:
    return n.result * (n.g - total(n.g * n.result, _along(n), len(n.shape)))


def _log_softmax(n: Context) -> Term:
    return n.g - exp(n.result) * total(n.g, _along(n), len(n.shape))


def _along(n: Context) -> Shape:
    return (n.dim(),) if n.shape else ()


def _centred(g: Term, normalised: Term, dims: Shape, rank: int) -> Term:
    """What normalising leaves of a gradient: its mean and its part along x̂ are taken out."""
    away = normalised * average(g * normalised, dims, rank)
    return g - average(g, dims, rank) - away


def _layer_normalised(n: Context) -> Term:
    return let("x̂", (n.input - n.result1) * n.result2, NORMALISED)


def _inner_dims(n: Context) -> Shape:
    """The dimensions that `layer_norm` normalises over, of the input."""
    shape, rank = n.plain("normalized_shape"), len(n.g_shape)
    return tuple(range(rank - len(shape), rank)) if isinstance(shape, tuple) else ()


def _layer_norm(n: Context) -> Term:
    g = n.g * n.weight if n.has("weight") else n.g
    kept = _centred(g, _layer_normalised(n), _inner_dims(n), len(n.shape))
    return n.result2 * kept


def _channels(n: Context, term: Term) -> Term:
    """One number a channel, with dimensions to stand beside the input: `weight[:, None]`."""
    return unsqueezed(term, (True,) + (False,) * (len(n.g_shape) - 2))


def _channel_rstd(n: Context) -> Term:
    if n.plain("training"):
        return _channels(n, n.result2)
    return (_channels(n, n.running_var) + n.eps) ** -0.5


def _channel_normalised(n: Context) -> Term:
    mean = n.result1 if n.plain("training") else n.running_mean
    return let("x̂", (n.input - _channels(n, mean)) * _channel_rstd(n), NORMALISED)


def _batch_norm(n: Context) -> Term:
    g = n.g * _channels(n, n.weight) if n.has("weight") else n.g
    if not n.plain("training"):
        return g * _channel_rstd(n)
    rank = len(n.shape)
    dims = tuple(i for i in range(rank) if i != 1)
    kept = _centred(g, _channel_normalised(n), dims, rank)
    return _channel_rstd(n) * kept


def _groups(n: Context) -> tuple[int, ...]:
    groups = n.integer("group")
    return n.g_shape[0], groups, n.integer("C") // groups * n.integer("HxW")


def _group_normalised(n: Context) -> Term:
    """As batch × group × rest."""
    mean, rstd = (unsqueezed(term, (True, True, False)) for term in (n.result1, n.result2))
    return let("x̂", (_grouped(n, n.input) - mean) * rstd, GROUPED)


def _grouped(n: Context, term: Term) -> Term:
    return term.worded("grouped({})", lambda a: a.reshape(_groups(n)), binding=ATOM)


def _group_norm(n: Context) -> Term:
    g = n.g * _channels(n, n.weight) if n.has("weight") else n.g
    if any(value is not None for value in n.gradient.incoming[1:]):
        raise NoRuleError("the gradients of the mean and of rstd")
    kept = _centred(_grouped(n, g), _group_normalised(n), (2,), 3)
    whole = unsqueezed(n.result2, (True, True, False)) * kept
    return whole.worded("ungrouped({})", lambda a: a.reshape(n.shape), binding=ATOM)


def _group_weight(n: Context) -> Term:
    normalised = _group_normalised(n).worded(
        "ungrouped({})", lambda a: a.reshape(n.g_shape), binding=ATOM
    )
    return total_besides(n, n.g * normalised, (1,))


def _scale(n: Context) -> Term:
    if n.plain("scale") is None:
        return lift(1 / math.sqrt(n.g_shape[-1]))
    return n.scale


def _weights(n: Context) -> Term:
    """Attention's weights P, a row for each query; a row that sees nothing is 0."""
    query, key = n.node.content("query"), n.node.content("key")
    if not (isinstance(query, Value) and isinstance(key, Value)):
        raise NoRuleError("query and key")
    if query.shape[:-2] != key.shape[:-2]:
        raise NoRuleError("a key for every query head")
    if n.plain("dropout_p"):
        raise NoRuleError("which weights were dropped")
    scores = n.query @ n.key.mT * _scale(n)
    for name in ("attn_mask", "attn_bias"):
        scores = scores + n.saved(name) if n.has(name) else scores
    if n.plain("is_causal"):
        scores = scores.silently(
            lambda a: a.masked_fill(a.new_ones(a.shape).triu(1) > 0, -math.inf)
        )
    return let("P", call("softmax", _safe_softmax, scores, size=_softmax_size), _weights_note(n))


def _weights_note(n: Context) -> str:
    """What the weights are, with what was added to the scores or kept from them."""
    names = [name for name in ("attn_mask", "attn_bias") if n.has(name)]
    inside = " + ".join(("query @ keyᵀ · scale", *names))
    causal = ", of keys no later than the query" if n.plain("is_causal") else ""
    return f"P = softmax({inside}): the attention weights{causal}"


def _safe_softmax(scores: torch.Tensor) -> torch.Tensor:
    unseen = (scores == -math.inf).all(-1, keepdim=True)
    return scores.softmax(-1).masked_fill(unseen, 0)


def _softmax_size(scores: Term) -> torch.Tensor:
    """Rounding of a score moves its weight and, through the sum, every other one."""
    weights = _safe_softmax(scores.value)
    moved = scores.size.nan_to_num(0, 0, 0)
    size: torch.Tensor = weights * (1 + moved + (weights * moved).sum(-1, keepdim=True))
    return size


def _scores(n: Context) -> Term:
    """The gradient S of the scores from which the weights were made."""
    weights = _weights(n)
    g = n.g @ n.value.mT
    rank = len(n.g_shape)
    return let("S", weights * (g - total(g * weights, (rank - 1,), rank)), SCORES)


_ATTENTION = (
    lambda n: _scores(n) @ n.key * _scale(n),
    lambda n: _scores(n).mT @ n.query * _scale(n),
    lambda n: _weights(n).mT @ n.g,
)
ATTENTION: Rules = dict.fromkeys(
    (
        "ScaledDotProductFlashAttentionForCpuBackward0",
        "ScaledDotProductFlashAttentionBackward0",
        "ScaledDotProductEfficientAttentionBackward0",
        "ScaledDotProductCudnnAttentionBackward0",
        "ScaledDotProductFusedAttentionOverrideableBackward0",
    ),
    _ATTENTION,
)
_BATCH_NORM = (
    _batch_norm,
    lambda n: total_besides(n, n.g * _channel_normalised(n), (1,)),
    lambda n: total_besides(n, n.g, (1,)),
)

RULES: Rules = {
    "SoftmaxBackward0": _softmax,
    "SafeSoftmaxBackward0": _softmax,
    "LogSoftmaxBackward0": _log_softmax,
    "NativeLayerNormBackward0": (
        _layer_norm,
        lambda n: total_besides(n, n.g * _layer_normalised(n), _inner_dims(n)),
        lambda n: total_besides(n, n.g, _inner_dims(n)),
    ),
    "NativeBatchNormBackward0": _BATCH_NORM,
    "CudnnBatchNormBackward0": _BATCH_NORM,
    "MiopenBatchNormBackward0": _BATCH_NORM,
    "NativeGroupNormBackward0": (
        _group_norm,
        _group_weight,
        lambda n: total_besides(n, n.g, (1,)),
    ),
    **ATTENTION,
}
