"""Functions of matrices that the rules of linear algebra are written with.

`ᵀ` transposes, `ᴴ` conjugates as well, `⁻ᵀ` is the inverse of that.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from engine.rules.context import (
    Context,
)
from engine.rules.term import Term, build
from engine.rules.text import ATOM, POWER, Text

DIAGONAL = "diagonal(X): X with all but its diagonal 0"


def inverse(a: Term, sign: str = "⁻¹") -> Term:
    """The inverse of square matrices, written `A⁻¹`; singular ones have none in numbers."""
    return build(
        lambda text: Text(f"{text.within(ATOM)}{sign}", POWER),
        _inverted,
        lambda term: _inverse_size(_inverted(term.value), term.size),
        a,
    )


def _inverted(a: torch.Tensor) -> torch.Tensor:
    """The inverse of each matrix, nan of a singular one."""
    inverse: torch.Tensor
    inverse, info = torch.linalg.inv_ex(a)
    singular: torch.Tensor = (info != 0)[..., None, None]
    return inverse.masked_fill(singular, math.nan)


def _inverse_size(inverse: torch.Tensor, size: torch.Tensor) -> torch.Tensor:
    """Rounding of a matrix moves its inverse by A⁻¹ · δA · A⁻¹, and elimination by as much.

    Elimination mixes all elements, so the largest error counts for each.
    """
    magnitude = inverse.abs()
    moved = magnitude + magnitude @ size @ magnitude * inverse.shape[-1]
    return moved.amax((-2, -1), keepdim=True).expand(moved.shape) if moved.numel() else moved


def turned_inverse(a: Term) -> Term:
    """The inverse of a matrix's transpose, of complex ones conjugated, `A⁻ᵀ` or `A⁻ᴴ`."""
    if a.adjoint_of is not None:
        return inverse(a.adjoint_of)
    flipped = build(lambda text: text, lambda v: v.mH, lambda term: term.size.mT, a)
    return inverse(flipped, "⁻ᴴ" if a.complex else "⁻ᵀ")


def adjoint_inverse(n: Context, name: str = "A") -> Term:
    """The inverse of the transposed, conjugated matrix, `A⁻ᵀ` or `A⁻ᴴ`."""
    return turned_inverse(n.saved(name))


def linear(
    name: str, change: Callable[[torch.Tensor], torch.Tensor], a: Term, note: str = ""
) -> Term:
    """A function of matrices that is linear and without signs, `triu(A)`."""
    return build(
        lambda text: Text(f"{name}({text.text})"), change, lambda t: change(t.size), a
    ).noted(note)


def triu(a: Term) -> Term:
    """The upper triangle of each matrix, with its diagonal."""
    return linear("triu", lambda v: v.triu(), a)


def cut_triangle(name: str, diagonal: int, a: Term) -> Term:
    """`triu` or `tril` from another diagonal on, written as torch does: `tril(A, -1)`."""
    if not diagonal:
        return linear(name, lambda v: getattr(v, name)(), a)
    return build(
        lambda text: Text(f"{name}({text.text}, {diagonal})"),
        lambda v: getattr(v, name)(diagonal),
        lambda t: getattr(t.size, name)(diagonal),
        a,
    )


def diagonal_matrix(a: Term) -> Term:
    """A diagonal matrix of a vector, `diag(L)`."""
    return linear("diag", lambda v: v.diag_embed(), a)


def diagonal(a: Term) -> Term:
    """A matrix with all but its diagonal 0, `diagonal(A)`."""
    return linear("diagonal", lambda v: v.diagonal(dim1=-2, dim2=-1).diag_embed(), a, DIAGONAL)
