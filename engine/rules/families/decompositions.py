"""Rules of decompositions of matrices, whose nodes have saved the factors.

The formulas are those of M. Giles, "Collected matrix derivative results for forward and reverse
mode algorithmic differentiation" (2008), which autograd follows.
"""

from __future__ import annotations

import torch

from engine.rules.context import (
    Context,
    NoRuleError,
    Rules,
)
from engine.rules.functions import real
from engine.rules.matrices import (
    adjoint_inverse,
    diagonal,
    diagonal_matrix,
    inverse,
    linear,
    triu,
    turned_inverse,
)
from engine.rules.term import Term, build, lift
from engine.rules.text import Text

GAPS = "E: for each pair of columns the gap between their eigenvalues, 1 on the diagonal"
MIRROR = "mirror(X): the lower triangle of X, and above the diagonal its conjugate"


def _cholesky(n: Context) -> Term:
    factor, g = n.saved("L" if n.has("L") else "result"), n.g
    if n.plain("upper"):
        factor, g = factor.mH, g.mH
    middle = linear("mirror", _mirrored, factor.mH @ g, MIRROR)
    return turned_inverse(factor) @ middle @ inverse(factor) / 2


def _mirrored(v: torch.Tensor) -> torch.Tensor:
    return v.tril() + v.tril(-1).mH


def _gaps(values: Term, note: str = GAPS) -> Term:
    """E_ij = λ_j − λ_i, and 1 on the diagonal."""

    def gaps(v: torch.Tensor) -> torch.Tensor:
        difference: torch.Tensor = v.unsqueeze(-2) - v.unsqueeze(-1)
        return difference + torch.eye(v.shape[-1], dtype=v.dtype)

    def size(term: Term) -> torch.Tensor:
        magnitude: torch.Tensor = term.size.unsqueeze(-2) + term.size.unsqueeze(-1)
        return magnitude

    return build(lambda text: Text("E"), gaps, size, values).noted(note)


def _eigh(n: Context) -> Term:
    vectors = n.saved("eigenvectors")
    whole = vectors @ _hermitian_middle(n, vectors) @ vectors.mH
    if n.gradient.incoming[1] is None:
        return whole
    return linear("half", lambda v: (v + v.mH) / 2, whole, "half(X) = (X + Xᴴ) / 2")


def _hermitian_middle(n: Context, vectors: Term) -> Term:
    values = None if n.gradient.incoming[0] is None else diagonal_matrix(n.incoming(0))
    if n.gradient.incoming[1] is None:
        if values is None:
            raise NoRuleError("a gradient")
        return values
    turned = vectors.mH @ n.incoming(1) / _gaps(n.saved("eigenvalues"))
    apart = linear("offdiag", _off_diagonal, turned)
    return apart if values is None else apart + values


def _off_diagonal(v: torch.Tensor) -> torch.Tensor:
    return v - v.diagonal(dim1=-2, dim2=-1).diag_embed()


def _eig(n: Context) -> Term:
    vectors = n.saved("eigenvectors")
    if n.gradient.incoming[1] is None:
        middle = diagonal_matrix(n.incoming(0))
    else:
        turned = vectors.mH @ n.incoming(1)
        along = vectors.mH @ vectors @ diagonal(real(turned))
        apart = linear("offdiag", _off_diagonal, (turned - along) / _gaps(n.eigenvalues))
        values = n.gradient.incoming[0]
        middle = apart if values is None else apart + diagonal_matrix(n.incoming(0))
    return adjoint_inverse(n, "eigenvectors") @ middle @ vectors.mH


def _svd(n: Context) -> Term:
    """A = U @ diag(S) @ Vh; what the vectors add is written for reduced, real factors."""
    if n.gradient.incoming[0] is not None or n.gradient.incoming[2] is not None:
        return _svd_vectors(n)
    return n.saved("U") @ diagonal_matrix(n.incoming(1)) @ n.saved("Vh")


def _svd_vectors(n: Context) -> Term:
    left, right = n.saved("U"), n.saved("Vh").mH
    if left.complex or n.plain("full_matrices"):
        raise NoRuleError("the phases of singular vectors")
    values = n.saved("S")
    gaps, spread = (
        _gaps(values**2, "E: for each pair of columns the gap of S², 1 on the diagonal"),
        diagonal_matrix(values),
    )
    middle = lift(0)
    if n.gradient.incoming[0] is not None:
        middle = middle + _skew(left.mT @ n.incoming(0)) / gaps @ spread
    if n.gradient.incoming[2] is not None:
        middle = middle + spread @ (_skew(right.mH @ n.incoming(2).mH) / gaps)
    if n.gradient.incoming[1] is not None:
        middle = middle + diagonal_matrix(n.incoming(1))
    term = left @ middle @ right.mH
    rows, columns = n.shape[-2:]
    narrow = diagonal_matrix(1 / values)
    if n.gradient.incoming[0] is not None and rows > columns:
        g = n.incoming(0)
        term = term + (g - left @ (left.mT @ g)) @ narrow @ right.mH
    if n.gradient.incoming[2] is not None and columns > rows:
        g = n.incoming(2)
        term = term + left @ narrow @ (g - (g @ right) @ right.mH)
    return term


def _skew(a: Term) -> Term:
    return build(
        lambda text: Text(f"skew({text.text})"),
        lambda v: v - v.mH,
        lambda t: t.size + t.size.mT,
        a,
    ).noted("skew(X) = X − Xᵀ")


def _qr(n: Context) -> Term:
    """A = Q · R of at least as many rows as columns; torch does the others anew."""
    if n.shape[-2] < n.shape[-1] or n.plain("mode") != "reduced":
        raise NoRuleError("a wide matrix")
    q, r = n.saved("Q"), n.saved("R")
    used = [value is not None for value in n.gradient.incoming]
    inner = n.incoming(1) @ r.mH if used[1] else lift(0)
    if used[0]:
        turned = q.mH @ n.incoming(0)
        inner = inner - turned if used[1] else -turned
    whole = q @ linear("sym", _symmetric, triu(inner), "sym(X) = X + Xᴴ, the diagonal once")
    return (whole + n.incoming(0) if used[0] else whole) @ turned_inverse(r)


def _symmetric(v: torch.Tensor) -> torch.Tensor:
    both: torch.Tensor = v + v.mH
    return both - v.diagonal(dim1=-2, dim2=-1).real.diag_embed().to(v.dtype)


def _pseudo_inverse(n: Context) -> Term:
    p, a, g = n.saved("result"), n.saved("self"), n.g.mH
    rows, columns = n.shape[-2:]
    term = -(p.mH @ n.g @ p.mH)
    if rows > columns:
        term = term + (g - a @ (p @ g)) @ p @ p.mH
    elif columns > rows:
        term = term + p.mH @ p @ (g - (g @ p) @ a)
    else:
        term = term + (g - a @ (p @ g)) @ p @ p.mH + p.mH @ p @ (g - (g @ p) @ a)
    return term


RULES: Rules = {
    "CholeskyBackward0": _cholesky,
    "LinalgCholeskyExBackward0": _cholesky,
    "LinalgEighBackward0": _eigh,
    "LinalgEigBackward0": _eig,
    "LinalgSvdBackward0": _svd,
    "LinalgQrBackward0": _qr,
    "LinalgPinvBackward0": _pseudo_inverse,
}
