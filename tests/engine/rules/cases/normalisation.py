"""Cases of softmax, the normalisations and attention."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tests.engine.rules.cases.builds import Cases, along, aten
from tests.engine.rules.cases.inputs import Inputs


def _batch_norm(i: Inputs) -> Tensor:
    training = i.flag()
    x = i.real(3, 2, *i.shape(most=1, side=1))
    mean, variance = i.real(2).detach(), i.positive(2).detach()
    weight, bias = (i.real(2), i.real(2)) if i.flag() else (None, None)
    return F.batch_norm(x, mean, variance, weight, bias, training)


def _layer_norm(i: Inputs) -> Tensor:
    outside, inside = i.shape(most=1, side=1), (i.size(), 3)[i.one_of(0, 1) :]
    weight, bias = (i.real(*inside), i.real(*inside)) if i.flag() else (None, None)
    return F.layer_norm(i.real(*outside, *inside), inside, weight, bias)


def _attention(i: Inputs) -> Tensor:
    heads, length, causal = i.size(), i.size(), i.flag()
    query, key, value = (i.real(1, heads, length, 2) for _ in range(3))
    mask = None if causal or i.flag() else i.mask(length, length)
    return F.scaled_dot_product_attention(
        query, key, value, mask, is_causal=causal, scale=i.one_of(None, 0.3)
    )


CASES: Cases = {
    "SoftmaxBackward0": along(torch.softmax),
    "SafeSoftmaxBackward0": along(aten._safe_softmax),
    "LogSoftmaxBackward0": along(torch.log_softmax),
    "NativeLayerNormBackward0": _layer_norm,
    "NativeBatchNormBackward0": _batch_norm,
    "NativeGroupNormBackward0": lambda i: F.group_norm(
        i.real(2, 4, *i.shape(most=1, side=1)), i.one_of(1, 2), i.real(4), i.real(4)
    ),
    "ScaledDotProductFlashAttentionForCpuBackward0": _attention,
}
