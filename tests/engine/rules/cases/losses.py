"""Cases of the losses."""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tests.engine.rules.cases.builds import Build, Cases
from tests.engine.rules.cases.inputs import Inputs


def loss(function: Callable[..., Tensor], low: float = -2, high: float = 2) -> Build:
    def build(i: Inputs) -> Tensor:
        shape = i.shape(side=1)
        reduction = i.one_of("none", "mean", "sum")
        return function(i.between(low, high, *shape), i.between(low, high, *shape), reduction)

    return build


def likelihood(*rest: int) -> Build:
    def build(i: Inputs) -> Tensor:
        classes, batch = i.size(), i.size()
        target = i.index(classes, batch, *rest)
        weight = i.positive(classes).detach() if i.flag() else None
        return F.nll_loss(
            i.real(batch, classes, *rest).log_softmax(1),
            target,
            weight,
            ignore_index=i.one_of(-100, 0),
            reduction=i.one_of("none", "mean", "sum"),
        )

    return build


def _binary_cross_entropy(i: Inputs) -> Tensor:
    shape = i.shape(side=1)
    x, target = i.between(0.1, 0.9, *shape), i.between(0, 1, *shape)
    weight = i.positive(*shape).detach() if i.flag() else None
    return F.binary_cross_entropy(x, target, weight, reduction=i.one_of("none", "mean", "sum"))


def _with_logits(i: Inputs) -> Tensor:
    x, target = i.real(2, 3), i.between(0, 1, 2, 3)
    weights = (i.positive(3).detach() if i.flag() else None for _ in range(2))
    weight, positive = weights
    return F.binary_cross_entropy_with_logits(
        x, target, weight, reduction=i.one_of("none", "mean", "sum"), pos_weight=positive
    )


CASES: Cases = {
    "MseLossBackward0": loss(lambda x, y, reduction: F.mse_loss(x, y, reduction=reduction)),
    "SmoothL1LossBackward0": loss(
        lambda x, y, reduction: F.smooth_l1_loss(x, y, reduction=reduction, beta=0.7)
    ),
    "HuberLossBackward0": loss(
        lambda x, y, reduction: F.huber_loss(x, y, reduction=reduction, delta=0.7)
    ),
    "BinaryCrossEntropyBackward0": _binary_cross_entropy,
    "BinaryCrossEntropyWithLogitsBackward0": _with_logits,
    "NllLossBackward0": likelihood(),
    "NllLoss2DBackward0": likelihood(2, 1),
}
