"""Rules of matrix and vector products: `@` is the matrix product, `·` goes element by element."""

from __future__ import annotations

import torch

from engine.rules.context import Context, Rule, Rules, summed_to_input
from engine.rules.functions import outer, total_besides
from engine.rules.term import Content, Term, build
from engine.rules.text import PRODUCT, Text

CONVOLUTION = "⋆: cross-correlation, what conv computes; ⋆ᵀ: its transpose"
CONVOLUTION_SETTINGS = (
    "stride",
    "padding",
    "dilation",
    "transposed",
    "output_padding",
    "groups",
)


def _convolved(n: Context, template: str) -> Term:
    """What one of the two inputs of a convolution gets, of the other and `g`."""
    settings = [n.plain(name) for name in CONVOLUTION_SETTINGS]
    wanted = [n.slot == slot for slot in range(3)]

    def adjoint(*contents: Content) -> Content:
        backward = torch.ops.aten.convolution_backward
        return backward(*contents, None, *settings, wanted)[n.slot]

    return build(
        lambda *texts: Text(template.format(*(text.within(PRODUCT) for text in texts)), PRODUCT),
        adjoint,
        lambda *terms: adjoint(*(term.size for term in terms)),
        n.g,
        n.input,
        n.weight,
    ).noted(CONVOLUTION)


_BATCHES: tuple[Rule, ...] = (
    lambda n: summed_to_input(n, n.g * n.beta),
    lambda n: (n.g @ n.batch2.mT) * n.alpha,
    lambda n: (n.batch1.mT @ n.g) * n.alpha,
)

RULES: Rules = {
    "MmBackward0": (lambda n: n.g @ n.mat2.mT, lambda n: n.self.mT @ n.g),
    "BmmBackward0": (lambda n: n.g @ n.mat2.mT, lambda n: n.self.mT @ n.g),
    "ConvolutionBackward0": (
        lambda n: _convolved(n, "{0} ⋆ {2}" if n.plain("transposed") else "{0} ⋆ᵀ {2}"),
        lambda n: _convolved(n, "{0} ⋆ {1}" if n.plain("transposed") else "{1} ⋆ {0}"),
        lambda n: total_besides(n, n.g, (1,)),
    ),
    "MvBackward0": (lambda n: outer(n.g, n.vec), lambda n: n.self.mT @ n.g),
    "DotBackward0": (lambda n: n.g * n.tensor, lambda n: n.g * n.self),
    "AddmmBackward0": (
        lambda n: summed_to_input(n, n.g * n.beta),
        lambda n: (n.g @ n.mat2.mT) * n.alpha,
        lambda n: (n.mat1.mT @ n.g) * n.alpha,
    ),
    "BaddbmmBackward0": _BATCHES,
    "AddbmmBackward0": _BATCHES,
    "AddmvBackward0": (
        lambda n: summed_to_input(n, n.g * n.beta),
        lambda n: outer(n.g, n.vec) * n.alpha,
        lambda n: (n.mat.mT @ n.g) * n.alpha,
    ),
}
