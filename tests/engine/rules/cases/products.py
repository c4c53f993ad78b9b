"""Cases of matrix and vector products, convolution and the inverse."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tests.engine.rules.cases.builds import Cases
from tests.engine.rules.cases.inputs import Inputs


def _conv(i: Inputs) -> Tensor:
    stride, padding, groups = i.size(), i.one_of(0, 1), i.one_of(1, 2)
    x, weight, bias = i.real(1, 2, 3, 3), i.real(2, 2 // groups, 2, 2), i.real(2)
    return F.conv2d(x, weight, bias, stride, padding, groups=groups)


CASES: Cases = {
    "MmBackward0": lambda i: torch.mm(*i.factors()),
    "BmmBackward0": lambda i: torch.bmm(*i.factors(2)),
    "MvBackward0": lambda i: torch.mv(i.real(2, 3), i.real(3)),
    "DotBackward0": lambda i: torch.dot(i.real(3), i.real(3)),
    "AddmmBackward0": (
        lambda i: F.linear(i.real(2, 3), i.real(2, 3), i.real(2)),
        lambda i: torch.addmm(i.real(2, 1), i.real(2, 3), i.real(3, 2), beta=2, alpha=3),
    ),
    "BaddbmmBackward0": lambda i: torch.baddbmm(
        i.real(1, 3), i.real(2, 1, 2), i.real(2, 2, 3), beta=2, alpha=3
    ),
    "AddbmmBackward0": lambda i: torch.addbmm(
        i.real(1, 3), i.real(2, 1, 2), i.real(2, 2, 3), beta=2, alpha=3
    ),
    "AddmvBackward0": lambda i: torch.addmv(i.real(1), i.real(2, 3), i.real(3), beta=2, alpha=3),
    "LinalgInvExBackward0": lambda i: (5 * torch.eye(2) + i.real(2, 2)).inverse(),
    "ConvolutionBackward0": _conv,
}
