"""Cases of activation functions, clamping and dropout."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tests.engine.rules.cases.builds import Cases, unary
from tests.engine.rules.cases.inputs import Inputs


def _clamp(i: Inputs) -> Tensor:
    low, high = i.one_of((-1, 1), (None, 0.5), (-0.3, None))
    return i.some().clamp(low, high)


CASES: Cases = {
    "LogSigmoidBackward0": unary(F.logsigmoid),
    "ReluBackward0": unary(torch.relu),
    "ThresholdBackward0": unary(lambda x: F.threshold(x, 0.5, -1)),
    "LeakyReluBackward0": unary(lambda x: F.leaky_relu(x, 0.2)),
    "EluBackward0": (unary(F.elu), unary(F.selu)),
    "GeluBackward0": (unary(F.gelu), unary(lambda x: F.gelu(x, approximate="tanh"))),
    "SiluBackward0": unary(F.silu),
    "SoftplusBackward0": unary(lambda x: F.softplus(x, beta=2, threshold=1)),
    "PreluKernelBackward0": lambda i: F.prelu(i.real(2, 3), i.real(i.one_of(1, 3))),
    "ClampBackward0": lambda i: i.real(2, 3).clamp(torch.zeros(3), torch.ones(2, 1)),
    "ClampBackward1": _clamp,
    "ClampMinBackward0": unary(lambda x: x.clamp_min(0.3)),
    "ClampMaxBackward0": unary(lambda x: x.clamp_max(0.3)),
    "HardtanhBackward0": unary(F.hardtanh),
}


DROPOUT: Cases = {
    "NativeDropoutBackward0": lambda i: torch.native_dropout(
        i.some(side=1), i.one_of(0.5, 0.1, 1.0), True
    )[0],
}
