"""Cases of operations that move elements: views, transpositions, repeating, joining, cutting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import strategies as st
from torch import Tensor

from tests.engine.rules.cases.builds import Build, Cases, along, aten, changed, unary
from tests.engine.rules.cases.inputs import Inputs


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


CASES: Cases = {
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
}
