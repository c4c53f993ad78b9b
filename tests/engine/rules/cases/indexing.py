"""Cases of operations that pick elements."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tests.engine.rules.cases.builds import Cases, along
from tests.engine.rules.cases.inputs import Inputs


def _sliced(i: Inputs) -> Tensor:
    start, stop, step = i.one_of(1, -2), i.one_of(2, -1, None), i.one_of(1, 2)
    return i.real(2, 3)[:, start:stop:step]


BY_VALUE: Cases = {
    "MaxBackward0": along(lambda x, dim: x.max(dim)[0]),
    "MinBackward0": along(lambda x, dim: x.min(dim, keepdim=True)[0]),
    "MedianBackward1": along(lambda x, dim: x.median(dim)[0]),
    "ModeBackward0": along(lambda x, dim: x.mode(dim)[0]),
    "KthvalueBackward0": along(lambda x, dim: x.kthvalue(1, dim)[0]),
    "CummaxBackward0": along(lambda x, dim: x.cummax(dim)[0]),
    "CumminBackward0": along(lambda x, dim: x.cummin(dim)[0]),
    "SortBackward0": along(lambda x, dim: x.sort(dim)[0]),
    "TopkBackward0": along(lambda x, dim: x.topk(1, dim)[0]),
}
"""Elements picked for what they are."""


BY_PLACE: Cases = {
    "SliceBackward0": _sliced,
    "SelectBackward0": along(lambda x, dim: x.select(dim, -1), least=1),
    "IndexSelectBackward0": along(
        lambda x, dim: x.index_select(dim, torch.tensor([0, 0])), least=1
    ),
    "GatherBackward0": lambda i: i.real(2, 3).gather(1, i.index(3, 2, 2)),
    "TakeBackward0": lambda i: i.real(2, 3).take(i.index(6, 2, 2)),
    "MaskedSelectBackward0": lambda i: i.real(2, 3).masked_select(i.mask(2, 3)),
    "DiagonalBackward0": lambda i: i.real(2, 3, 2).diagonal(i.one_of(-1, 0, 1), 1, -1),
    "UnfoldBackward0": lambda i: i.real(2, 3).unfold(1, 2, 1),
    "ScatterBackward0": lambda i: i.real(2, 3).scatter(1, torch.tensor([[2, 0]]), i.real(1, 2)),
    "ScatterAddBackward0": lambda i: i.real(2, 3).scatter_add(0, i.index(2, 2, 3), i.real(2, 3)),
    "MaxPool2DWithIndicesBackward0": lambda i: F.max_pool2d(i.real(2, 1, 3, 3), 2, 1),
    "EmbeddingBackward0": lambda i: F.embedding(
        i.index(3, 2, 2), i.real(3, 2), padding_idx=i.one_of(None, 1)
    ),
}
"""Elements picked for where they are, or where an index says."""
