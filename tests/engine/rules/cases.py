"""One way, or several, to make autograd create every node that has a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import strategies as st
from torch import Tensor

aten = torch.ops.aten

Shape = tuple[int, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class Inputs:
    """Random tensors that require grad; with `steps` their elements repeat and may be 0."""

    data: st.DataObject
    dtype: torch.dtype
    generator: torch.Generator
    steps: bool

    def shape(self, least: int = 0, most: int = 3, side: int = 0) -> Shape:
        sides = st.integers(side, 3)
        return tuple(self.data.draw(st.lists(sides, min_size=least, max_size=most)))

    def size(self) -> int:
        return self.data.draw(st.integers(1, 3))

    def dim(self, rank: int) -> int:
        return self.data.draw(st.integers(-rank, rank - 1)) if rank else 0

    def dims(self, rank: int) -> list[int]:
        places = st.lists(st.integers(0, max(rank - 1, 0)), unique=True, min_size=min(rank, 1))
        return self.data.draw(places.filter(lambda dims: len(dims) <= rank)) if rank else []

    def flag(self) -> bool:
        return self.data.draw(st.booleans())

    def one_of(self, *choices: T) -> T:
        return self.data.draw(st.sampled_from(choices))

    def between(self, low: float, high: float, *shape: int) -> Tensor:
        share = torch.rand(shape, generator=self.generator, dtype=self.dtype)
        if self.steps:
            share = (share * 4).round() / 4
        return (low + (high - low) * share).requires_grad_()

    def real(self, *shape: int) -> Tensor:
        return self.between(-2, 2, *shape)

    def positive(self, *shape: int) -> Tensor:
        return self.between(0.5, 2.5, *shape)

    def some(self, **limits: int) -> Tensor:
        return self.real(*self.shape(**limits))

    def index(self, high: int, *shape: int) -> Tensor:
        return torch.randint(high, shape, generator=self.generator)

    def mask(self, *shape: int) -> Tensor:
        return torch.rand(shape, generator=self.generator) < 0.5

    def pair(self, low: float = -2, high: float = 2) -> tuple[Tensor, Tensor]:
        """Two that can be broadcast to one another."""
        whole = self.shape()
        parts = []
        for _ in range(2):
            kept = tuple(1 if self.flag() else size for size in whole)
            parts.append(kept[self.data.draw(st.integers(0, len(kept))) :])
        return self.between(low, high, *parts[0]), self.between(low, high, *parts[1])

    def factors(self, *batch: int) -> tuple[Tensor, Tensor]:
        """Matrices that can be multiplied."""
        m, k, n = self.size(), self.size(), self.size()
        return self.real(*batch, m, k), self.real(*batch, k, n)


Build = Callable[[Inputs], Tensor]


def unary(function: Callable[[Tensor], Tensor], low: float = -2, high: float = 2) -> Build:
    return lambda i: function(i.between(low, high, *i.shape()))


def binary(function: Callable[[Tensor, Tensor], Tensor], low: float = -2, high: float = 2) -> Build:
    return lambda i: function(*i.pair(low, high))


def along(function: Callable[[Tensor, int], Tensor], least: int = 0) -> Build:
    """A function of a tensor without an empty dimension, and a dimension."""

    def build(i: Inputs) -> Tensor:
        x = i.some(least=least, side=1)
        return function(x, i.dim(x.dim()))

    return build


def changed(function: Callable[[Tensor], Tensor]) -> Build:
    """A function that changes a tensor in place."""
    return lambda i: function(i.some(least=1, side=1) * 1)


def reduced(function: Callable[..., Tensor], **settings: Any) -> Build:
    """A function of a tensor, dimensions and `keepdim`."""

    def build(i: Inputs) -> Tensor:
        x = i.some(side=1)
        return function(x, dim=i.dims(x.dim()), keepdim=i.flag(), **settings)

    return build


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


def _joined(i: Inputs) -> Tensor:
    shape = i.shape(least=1, most=2, side=1)
    dim = i.dim(len(shape))
    parts = []
    for known in (True, False, True):
        sizes = list(shape)
        sizes[dim] = i.size()
        parts.append(i.real(*sizes) if known or i.flag() else torch.zeros(sizes, dtype=i.dtype))
    return torch.cat(parts, dim)


def _parts(cut: Callable[[Tensor, int], Any]) -> Build:
    """A sum of some of the parts into which a tensor is cut."""

    def build(i: Inputs) -> Tensor:
        x = i.some(least=1, side=1)
        parts = cut(x, i.dim(x.dim()))
        used = [part for part in parts if i.flag()] or [parts[-1]]
        return torch.stack([part.sum() * (k + 1) for k, part in enumerate(used)])

    return build


def _sliced(i: Inputs) -> Tensor:
    start, stop, step = i.one_of(1, -2), i.one_of(2, -1, None), i.one_of(1, 2)
    return i.real(2, 3)[:, start:stop:step]


def _conv(i: Inputs) -> Tensor:
    stride, padding, groups = i.size(), i.one_of(0, 1), i.one_of(1, 2)
    x, weight, bias = i.real(1, 2, 3, 3), i.real(2, 2 // groups, 2, 2), i.real(2)
    return F.conv2d(x, weight, bias, stride, padding, groups=groups)


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


def _clamp(i: Inputs) -> Tensor:
    low, high = i.one_of((-1, 1), (None, 0.5), (-0.3, None))
    return i.some().clamp(low, high)


CASES: Mapping[str, Build | tuple[Build, ...]] = {
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
    "NativeDropoutBackward0": lambda i: torch.native_dropout(
        i.some(side=1), i.one_of(0.5, 0.1, 1.0), True
    )[0],
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
    "MaxBackward0": along(lambda x, dim: x.max(dim)[0]),
    "MinBackward0": along(lambda x, dim: x.min(dim, keepdim=True)[0]),
    "MedianBackward1": along(lambda x, dim: x.median(dim)[0]),
    "ModeBackward0": along(lambda x, dim: x.mode(dim)[0]),
    "KthvalueBackward0": along(lambda x, dim: x.kthvalue(1, dim)[0]),
    "CummaxBackward0": along(lambda x, dim: x.cummax(dim)[0]),
    "CumminBackward0": along(lambda x, dim: x.cummin(dim)[0]),
    "SortBackward0": along(lambda x, dim: x.sort(dim)[0]),
    "TopkBackward0": along(lambda x, dim: x.topk(1, dim)[0]),
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
    "ViewBackward0": lambda i: i.some().reshape(-1),
    "UnsafeViewBackward0": lambda i: aten._unsafe_view(i.real(2, 3), [3, 2]),
    "ReshapeAliasBackward0": lambda i: aten._reshape_alias(i.real(2, 3), [6], [1]),
    "AliasBackward0": unary(aten.alias),
    "SqueezeBackward0": lambda i: i.real(1, 3, 1).squeeze(),
    "SqueezeBackward1": lambda i: i.real(1, 3, 1).squeeze(i.dim(3)),
    "SqueezeBackward2": lambda i: i.real(1, 3, 1).squeeze((0, -1)),
    "SqueezeBackward3": lambda i: (i.real(1, 3) * 1).squeeze_(),
    "SqueezeBackward4": lambda i: (i.real(1, 3) * 1).squeeze_(i.dim(2)),
    "SqueezeBackward5": lambda i: (i.real(1, 3) * 1).squeeze_((0,)),
    "UnsqueezeBackward0": along(torch.unsqueeze),
    "UnsqueezeBackward1": changed(lambda x: x.unsqueeze_(0)),
    "TBackward0": lambda i: i.some(most=2).t(),
    "TBackward1": lambda i: (i.some(most=2) * 1).t_(),
    "TransposeBackward0": (
        lambda i: i.real(2, 1, 3).transpose(i.dim(3), i.dim(3)),
        lambda i: i.some(least=2).mT,
    ),
    "TransposeBackward1": changed(lambda x: x.transpose_(0, -1)),
    "PermuteBackward0": lambda i: i.real(2, 1, 3).permute(i.data.draw(st.permutations(range(3)))),
    "ExpandBackward0": (
        lambda i: i.real(1, 3).expand(i.size(), 2, 3),
        lambda i: i.real().expand(0, 2),
    ),
    "RepeatBackward0": lambda i: i.real(2, 1).repeat(i.size(), i.size(), i.size()),
    "FlipBackward0": lambda i: (x := i.some()).flip(i.dims(x.dim())),
    "RollBackward0": (
        lambda i: i.real(2, 3).roll((1, 2), (0, 1)),
        lambda i: i.real(2, 3).roll(i.size()),
    ),
    "TrilBackward0": lambda i: i.real(2, 3).tril(i.one_of(-1, 0, 1)),
    "TriuBackward0": lambda i: i.real(2, 3).triu(i.one_of(-1, 0, 1)),
    "ConstantPadNdBackward0": lambda i: F.pad(i.real(2, 3), (1, 2, 0, i.one_of(-1, 1))),
    "CatBackward0": _joined,
    "StackBackward0": lambda i: torch.stack([i.real(2, 3), i.real(2, 3)], i.dim(3)),
    "SplitBackward0": _parts(lambda x, dim: torch.split(x, 2, dim)),
    "UnsafeSplitBackward0": _parts(lambda x, dim: torch.unsafe_split(x, 2, dim)),
    "SplitWithSizesBackward0": _parts(lambda x, dim: torch.split(x, [1, x.shape[dim] - 1], dim)),
    "UnbindBackward0": _parts(lambda x, dim: x.unbind(dim)),
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
"""Autograd's class name → how to make it; the indexing by tensors has a test of its own."""
