"""Cases of operations that work element by element, with and without broadcasting."""

from __future__ import annotations

import torch

from tests.engine.rules.cases.builds import Cases, aten, binary, changed, unary

FUNCTIONS: Cases = {
    "NegBackward0": unary(torch.neg),
    "PowBackward0": lambda i: i.positive(*i.shape()) ** i.one_of(0, 1, 2, 3, 0.5, -1, -1.5),
    "PowBackward1": lambda i: torch.pow(i.between(0, 2, 2, 3), i.real(3)),
    "PowBackward2": lambda i: i.one_of(2, 0.5, 0) ** i.some(),
    "ExpBackward0": unary(torch.exp),
    "Exp2Backward0": unary(torch.exp2),
    "Expm1Backward0": unary(torch.expm1),
    "LogBackward0": unary(torch.log, 0.5),
    "Log2Backward0": unary(torch.log2, 0.5),
    "Log10Backward0": unary(torch.log10, 0.5),
    "Log1PBackward0": unary(torch.log1p, -0.5),
    "SqrtBackward0": unary(torch.sqrt, 0),
    "RsqrtBackward0": unary(torch.rsqrt, 0.5),
    "ReciprocalBackward0": unary(torch.reciprocal),
    "AbsBackward0": unary(torch.abs),
    "SinBackward0": unary(torch.sin),
    "CosBackward0": unary(torch.cos),
    "TanBackward0": unary(torch.tan, -1, 1),
    "AsinBackward0": unary(torch.asin, -0.9, 0.9),
    "AcosBackward0": unary(torch.acos, -0.9, 0.9),
    "AtanBackward0": unary(torch.atan),
    "SinhBackward0": unary(torch.sinh),
    "CoshBackward0": unary(torch.cosh),
    "TanhBackward0": unary(torch.tanh),
    "ErfBackward0": unary(torch.erf),
    "SigmoidBackward0": unary(torch.sigmoid),
}
"""Powers, and the functions of one tensor that have a name in mathematics."""


STRAIGHT: Cases = {
    "SignBackward0": unary(torch.sign),
    "FloorBackward0": unary(torch.floor),
    "CeilBackward0": unary(torch.ceil),
    "RoundBackward0": unary(torch.round),
    "TruncBackward0": unary(torch.trunc),
    "FracBackward0": unary(torch.frac),
    "RemainderBackward0": unary(lambda x: x % 2),
    "FmodBackward0": unary(lambda x: torch.fmod(x, 2)),
    "AddBackward1": unary(lambda x: aten.add.Scalar(x, 2)),
    "SubBackward1": unary(lambda x: aten.sub.Scalar(x, 2)),
    "RsubBackward1": unary(lambda x: 3 - x),
    "MulBackward1": unary(lambda x: aten.mul.Scalar(x, 2)),
    "DivBackward1": unary(lambda x: aten.div.Scalar(x, 2)),
    "DivBackward3": unary(lambda x: aten.div.Scalar_mode(x, 2, rounding_mode="floor")),
    "CloneBackward0": unary(torch.clone),
}
"""Functions of one tensor whose slope is nowhere a matter of its numbers."""


COMBINED: Cases = {
    "MaskedFillBackward0": lambda i: i.real(2, 3).masked_fill(i.mask(3), 7.0),
    "MaskedFillBackward1": lambda i: i.real(2, 3).masked_fill(i.mask(2, 3), i.real()),
    "ZeroBackward0": changed(torch.Tensor.zero_),
    "FillBackward2": changed(lambda x: x.fill_(3)),
    "AddBackward0": (
        binary(torch.add),
        binary(lambda x, y: torch.add(x, y, alpha=3)),
        unary(lambda x: x + 2),
    ),
    "SubBackward0": (binary(torch.sub), binary(lambda x, y: torch.sub(x, y, alpha=3))),
    "RsubBackward0": binary(lambda x, y: torch.rsub(x, y, alpha=3)),
    "MulBackward0": (binary(torch.mul), unary(lambda x: x * x), unary(lambda x: 3 * x)),
    "DivBackward0": (binary(torch.div), unary(lambda x: x / 3)),
    "DivBackward2": binary(lambda x, y: torch.div(x, y, rounding_mode="trunc"), 0.5),
    "Atan2Backward0": binary(torch.atan2, 0.5),
    "HypotBackward0": binary(torch.hypot, 0.5),
    "MaximumBackward0": binary(torch.maximum),
    "MinimumBackward0": binary(torch.minimum),
    "LogaddexpBackward0": binary(torch.logaddexp),
    "XlogyBackward0": lambda i: torch.xlogy(i.between(0, 2, 2, 3), i.positive(3)),
    "AddcmulBackward0": lambda i: torch.addcmul(i.real(3), i.real(2, 3), i.real(2, 1), value=2),
    "AddcdivBackward0": lambda i: torch.addcdiv(i.real(3), i.real(2, 3), i.positive(2, 1), value=2),
    "LerpBackward0": binary(lambda x, y: torch.lerp(x, y, 0.3)),
    "WhereBackward0": lambda i: torch.where(i.mask(2, 3), i.real(3), i.real(2, 1)),
    "ToCopyBackward0": unary(lambda x: x.half()),
    "CopyBackwards": lambda i: torch.zeros(2, 3, dtype=i.dtype).copy_(i.real(3)),
}
"""Tensors filled, combined with one another or copied."""
