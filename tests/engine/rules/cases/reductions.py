"""Cases of operations that combine many elements into one."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.engine.rules.cases.builds import Cases, along, reduced, unary
from tests.engine.rules.cases.inputs import Inputs


def _mixture(i: Inputs) -> Tensor:
    variance, mean = torch.var_mean(i.real(2, 3), dim=1, keepdim=i.flag())
    return i.one_of(variance, mean, variance + 2 * mean)


def _deviation(i: Inputs) -> Tensor:
    deviation, mean = torch.std_mean(i.positive(2, 3), dim=1, keepdim=i.flag())
    return i.one_of(deviation, mean, deviation + 2 * mean)


def _norm(i: Inputs) -> Tensor:
    x = i.some(side=1)
    dims = i.dims(x.dim()) or None
    order = i.one_of(0, 1, 2, 3, 2.5, float("inf"), -float("inf"))
    norm: Tensor = torch.linalg.vector_norm(x, order, dims, i.flag())
    return norm


CASES: Cases = {
    "SumBackward0": unary(torch.sum),
    "SumBackward1": reduced(torch.sum),
    "MeanBackward0": unary(torch.mean),
    "MeanBackward1": reduced(torch.mean),
    "VarBackward0": (lambda i: i.real(2, 3).var(), reduced(torch.var, correction=0)),
    "VarMeanBackward0": _mixture,
    "StdBackward0": lambda i: i.real(2, 3).std(i.one_of(0, 1), correction=i.one_of(0, 1)),
    "StdMeanBackward0": _deviation,
    "LogsumexpBackward0": reduced(torch.logsumexp),
    "ProdBackward0": unary(torch.prod),
    "ProdBackward1": along(lambda x, dim: x.prod(dim)),
    "CumsumBackward0": along(torch.cumsum),
    "LinalgVectorNormBackward0": _norm,
    "MedianBackward0": lambda i: i.some(side=1).median(),
    "MaxBackward1": lambda i: i.some(side=1).max(),
    "MinBackward1": lambda i: i.some(side=1).min(),
    "AmaxBackward0": reduced(torch.amax),
    "AminBackward0": reduced(torch.amin),
}
